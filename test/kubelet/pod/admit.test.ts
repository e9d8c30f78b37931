import t from 'tap'
import { rejectionOf } from '../../../kubelet/pod/admit.ts'
import type { Node } from '../../../shared/api/node/node.ts'
import type { Pod, PodSpec } from '../../../shared/api/pod/pod.ts'
import { container, pod } from './worlds.ts'

const node = (fields: { labels?: Record<string, string>; taints?: Node['spec']['taints'] } = {}): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    ...{ name: 'node-1', uid: 'n', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
    labels: { 'kubernetes.io/os': 'linux', ...fields.labels },
  },
  spec: { ...(fields.taints && { taints: fields.taints }) },
  status: { allocatable: { cpu: '2', memory: '1Gi', 'ephemeral-storage': '10Gi', pods: '3' } },
})

const asking = (requests: Record<string, string>, spec: Partial<PodSpec> = {}) =>
  pod({ containers: [container('c', { resources: { requests } })], ...spec })

const onPort = (hostPort: number, hostIP?: string) =>
  pod({
    containers: [
      container('c', { ports: [{ containerPort: 80, hostPort, protocol: 'TCP', ...(hostIP && { hostIP }) }] }),
    ],
  })

const NO_EXECUTE = { key: 'broken', effect: 'NoExecute' } as const
const SHORT = "Node didn't have enough resource:"

const rows: [title: string, given: Pod, on: { node?: Node; others?: Pod[] }, wanted: string | undefined][] = [
  ['a pod that asks for nothing', pod(), {}, undefined],
  ['what just fits', asking({ cpu: '1500m' }), { others: [asking({ cpu: '500m' })] }, undefined],
  [
    'too little CPU',
    asking({ cpu: '1500m' }),
    { others: [asking({ cpu: '600m' })] },
    `OutOfcpu: ${SHORT} cpu, requested: 1500, used: 600, capacity: 2000`,
  ],
  [
    'too little memory',
    asking({ memory: '2Gi' }),
    {},
    `OutOfmemory: ${SHORT} memory, requested: 2147483648, used: 0, capacity: 1073741824`,
  ],
  [
    'of several lacks CPU is told first',
    asking({ memory: '2Gi', cpu: '3' }),
    {},
    `OutOfcpu: ${SHORT} cpu, requested: 3000, used: 0, capacity: 2000`,
  ],
  [
    'too many pods',
    pod(),
    { others: [pod(), pod(), pod()] },
    `OutOfpods: ${SHORT} pods, requested: 1, used: 3, capacity: 3`,
  ],
  ['what the node does not offer is not its matter', asking({ 'example.com/gpu': '1' }), {}, undefined],
  [
    'a selector that does not match',
    pod({ nodeSelector: { disk: 'ssd' } }),
    {},
    "NodeAffinity: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
  ],
  ['one that does', pod({ nodeSelector: { disk: 'ssd' } }), { node: node({ labels: { disk: 'ssd' } }) }, undefined],
  [
    'a port that is taken',
    onPort(8080),
    { others: [onPort(8080, '127.0.0.1')] },
    "NodePorts: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
  ],
  ['the same port of another address', onPort(8080, '127.0.0.2'), { others: [onPort(8080, '127.0.0.1')] }, undefined],
  [
    'a taint that ends pods',
    pod(),
    { node: node({ taints: [NO_EXECUTE] }) },
    "TaintToleration: Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate",
  ],
  [
    'which the pod tolerates',
    pod({ tolerations: [{ key: 'broken', operator: 'Exists' }] }),
    { node: node({ taints: [NO_EXECUTE] }) },
    undefined,
  ],
  [
    'a taint that only keeps the scheduler away',
    pod(),
    { node: node({ taints: [{ key: 'full', effect: 'NoSchedule' }] }) },
    undefined,
  ],
  [
    'another operating system, by label',
    pod({ nodeSelector: { 'kubernetes.io/os': 'windows' } }),
    {},
    "PodOSSelectorNodeLabelDoesNotMatch: Failed to admit pod as the `kubernetes.io/os` label doesn't match node label",
  ],
  [
    'or by field',
    pod({ os: { name: 'windows' } }),
    {},
    "PodOSNotSupported: Failed to admit pod as the OS field doesn't match node OS",
  ],
]

for (const [title, given, { node: on = node(), others = [] }, wanted] of rows) {
  t.test(title, async (t) => {
    const rejection = rejectionOf(given, on, others)
    t.equal(rejection && `${rejection.reason}: ${rejection.message}`, wanted)
  })
}
