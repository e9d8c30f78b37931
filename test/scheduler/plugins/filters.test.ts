import t from 'tap'
import { decide } from '../../../scheduler/cycle.ts'
import { cluster, type NodeDraft, type PodDraft, podInfo } from '../objects.ts'

type Row = [
  title: string,
  pod: PodDraft,
  node: NodeDraft & { pods?: PodDraft[] },
  reasons: string[],
  resolvable?: boolean,
]

/** What a cluster of one node says to a pod. */
function rejectionOf(pod: PodDraft, node: Row[2]) {
  const { rejections, outside } = decide(podInfo(pod), cluster([node]))
  if (outside?.count === 1) {
    const reasons = [`node(s) didn't satisfy plugin(s) [${outside.filter}]`]
    return { filter: outside.filter, reasons, resolvable: false }
  }
  return rejections.map(({ filter, rejection }) => ({ filter, ...rejection }))[0]
}

/** Every row is about one filter; the pod passes all the others. */
const suite = (filter: string, rows: Row[]) =>
  t.test(filter, async (t) => {
    for (const [title, pod, node, reasons, resolvable = false] of rows) {
      t.strictSame(rejectionOf(pod, node), reasons.length === 0 ? undefined : { filter, reasons, resolvable }, title)
    }
  })

const cordoned = ['node(s) were unschedulable']
suite('NodeUnschedulable', [
  ['a node in order', {}, {}, []],
  ['a cordoned node', {}, { unschedulable: true }, cordoned],
  [
    'a pod that tolerates it',
    { tolerations: [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' }] },
    { unschedulable: true },
    [],
  ],
  ['a pod that tolerates everything', { tolerations: [{ operator: 'Exists' }] }, { unschedulable: true }, []],
  [
    'a pod that tolerates something else',
    { tolerations: [{ key: 'other', operator: 'Exists' }] },
    { unschedulable: true },
    cordoned,
  ],
])

suite('NodeName', [
  ['the node it names', { nodeName: 'node-1' }, {}, []],
  ['another node', { nodeName: 'node-9' }, {}, ["node(s) didn't match the requested node name"]],
])

const taint = (value: string, effect = 'NoSchedule') => ({ taints: [{ key: 'k', value, effect }] })
const untolerated = (shown: string) => [`node(s) had untolerated taint {${shown}}`]
suite('TaintToleration', [
  ['a taint', {}, taint('v'), untolerated('k: v')],
  [
    'a taint without a value',
    {},
    { taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }] },
    untolerated('node.kubernetes.io/unreachable: '),
  ],
  ['a preference only', {}, taint('v', 'PreferNoSchedule'), []],
  ['tolerated by value', { tolerations: [{ key: 'k', operator: 'Equal', value: 'v' }] }, taint('v'), []],
  ['Equal is the default', { tolerations: [{ key: 'k', value: 'v' }] }, taint('v'), []],
  ['another value', { tolerations: [{ key: 'k', value: 'w' }] }, taint('v'), untolerated('k: v')],
  ['tolerated by key', { tolerations: [{ key: 'k', operator: 'Exists' }] }, taint('v'), []],
  [
    'another effect',
    { tolerations: [{ key: 'k', operator: 'Exists', effect: 'NoExecute' }] },
    taint('v'),
    untolerated('k: v'),
  ],
  [
    'the first untolerated of several taints',
    { tolerations: [{ key: 'a', operator: 'Exists' }] },
    {
      taints: [
        { key: 'a', effect: 'NoSchedule' },
        { key: 'b', effect: 'NoSchedule' },
        { key: 'c', effect: 'NoSchedule' },
      ],
    },
    untolerated('b: '),
  ],
])

const mismatch = ["node(s) didn't match Pod's node affinity/selector"]
const required = (...nodeSelectorTerms: object[]): PodDraft => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } as never,
})
const label = (key: string, operator: string, ...values: string[]) => ({
  matchExpressions: [{ key, operator, ...(values.length > 0 && { values }) }],
})
const named = (name: string) => ({ matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }] })
const elsewhere = ["node(s) didn't satisfy plugin(s) [NodeAffinity]"]
suite('NodeAffinity', [
  ['a selected label', { nodeSelector: { gpu: 'true' } }, { labels: { gpu: 'true' } }, []],
  ['a missing label', { nodeSelector: { gpu: 'true' } }, {}, mismatch],
  ['another value', { nodeSelector: { gpu: 'true' } }, { labels: { gpu: 'false' } }, mismatch],
  ['In', required(label('zone', 'In', 'a', 'b')), { labels: { zone: 'b' } }, []],
  ['not In', required(label('zone', 'In', 'a', 'b')), { labels: { zone: 'c' } }, mismatch],
  ['NotIn of an absent label', required(label('zone', 'NotIn', 'a')), {}, []],
  ['Exists', required(label('zone', 'Exists')), {}, mismatch],
  ['DoesNotExist', required(label('zone', 'DoesNotExist')), {}, []],
  ['Gt', required(label('cores', 'Gt', '3')), { labels: { cores: '4' } }, []],
  ['not Gt', required(label('cores', 'Gt', '4')), { labels: { cores: '4' } }, mismatch],
  ['Lt', required(label('cores', 'Lt', '5')), { labels: { cores: '4' } }, []],
  ['Lt of no number', required(label('cores', 'Lt', '5')), { labels: { cores: 'four' } }, mismatch],
  ['one of two terms', required(label('a', 'Exists'), label('b', 'Exists')), { labels: { b: '' } }, []],
  [
    'all expressions of a term',
    required({
      matchExpressions: [...label('a', 'Exists').matchExpressions, ...label('b', 'Exists').matchExpressions],
    }),
    { labels: { b: '' } },
    mismatch,
  ],
  ['an empty term', required({}), {}, mismatch],
  ['a field', required({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-1'] }] }), {}, []],
  ['another node by field', required(named('node-2')), {}, elsewhere],
  ['which comes first', required(named('node-2')), { unschedulable: true, ...taint('v') }, elsewhere],
  ['one of two by field', required(named('node-2'), named('node-1')), {}, []],
  [
    'both fields of a term',
    required({ matchFields: [...named('node-1').matchFields, ...named('node-2').matchFields] }),
    {},
    elsewhere,
  ],
  ['another node or a label', required(named('node-2'), label('a', 'Exists')), { labels: { a: '' } }, []],
  ['neither', required(named('node-2'), label('a', 'Exists')), {}, mismatch],
  [
    'selector and affinity together',
    { nodeSelector: { a: '1' }, ...required(label('b', 'Exists')) },
    { labels: { a: '1' } },
    mismatch,
  ],
])

const ports = ["node(s) didn't have free ports for the requested pod ports"]
const onAddress = (hostIP: string, protocol: 'TCP' | 'UDP' = 'TCP'): PodDraft => ({
  containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: 80, hostIP, protocol }] }] as never,
})
suite('NodePorts', [
  ['a free port', { hostPorts: [80] }, { pods: [{ hostPorts: [81] }] }, []],
  ['a taken port', { hostPorts: [79, 80] }, { pods: [{ hostPorts: [80] }] }, ports, true],
  ['another protocol', onAddress('', 'UDP'), { pods: [{ hostPorts: [80] }] }, []],
  ['all addresses against one', { hostPorts: [80] }, { pods: [onAddress('127.0.0.1')] }, ports, true],
  ['one address against all', onAddress('127.0.0.1'), { pods: [{ hostPorts: [80] }] }, ports, true],
  ['two addresses', onAddress('127.0.0.1'), { pods: [onAddress('127.0.0.2')] }, []],
  [
    'the port of a sidecar',
    { hostPorts: [80] },
    {
      pods: [
        {
          initContainers: [
            { name: 's', restartPolicy: 'Always', ports: [{ containerPort: 1, hostPort: 80, protocol: 'TCP' }] },
          ] as never,
        },
      ],
    },
    ports,
    true,
  ],
])

const small = { allocatable: { cpu: '2', memory: '1Gi', pods: '2' } }
suite('NodeResourcesFit', [
  ['just enough', { requests: { cpu: '1500m' } }, { ...small, pods: [{ requests: { cpu: '500m' } }] }, []],
  [
    'one millicore too much',
    { requests: { cpu: '1501m' } },
    { ...small, pods: [{ requests: { cpu: '500m' } }] },
    ['Insufficient cpu'],
    true,
  ],
  ['more than the node has', { requests: { cpu: '64' } }, small, ['Insufficient cpu']],
  [
    'several resources',
    { requests: { cpu: '2', memory: '1Gi' } },
    { ...small, pods: [{ requests: { cpu: '1', memory: '1Mi' } }] },
    ['Insufficient cpu', 'Insufficient memory'],
    true,
  ],
  ['a resource that no node has', { requests: { 'example.com/gpu': '1' } }, small, ['Insufficient example.com/gpu']],
  ['a request of nothing', { requests: { 'example.com/gpu': '0' } }, small, []],
  ['too many pods', {}, { ...small, pods: [{}, {}] }, ['Too many pods'], true],
  [
    'fractions of bytes are rounded up',
    { requests: { memory: '1500m' } },
    { allocatable: { memory: '1' } },
    ['Insufficient memory'],
  ],
])

t.test('the first filter that rejects a node gives the reason', async (t) => {
  const node = { unschedulable: true, ...taint('v') }
  t.match(rejectionOf({ nodeSelector: { a: 'b' } }, node), { filter: 'NodeUnschedulable', reasons: cordoned })
})
