/** The scheduling decision alone: no API server, no bindings; what a cycle costs in a large cluster. */
import { decide } from '../scheduler/cycle.ts'
import { describePod } from '../scheduler/pod-info.ts'
import { type ClusterState, createClusterState } from '../scheduler/state/cluster-state.ts'
import type { Node } from '../shared/api/node/node-model.ts'
import type { Pod } from '../shared/api/pod/pod-model.ts'
import type { Benchmark, Series } from './sample.ts'

const NODES = 5_000
const PODS = 10_000
const ZONES = 3
const HOST = 'kubernetes.io/hostname'
const ZONE = 'topology.kubernetes.io/zone'
/** Cluster sizes over which the cost of a pod must not grow faster than they do. */
const SIZES = [500, 1_000, 2_000, 5_000]
const RUNS = 3

function node(index: number): Node {
  const name = `node-${index}`
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { [HOST]: name, [ZONE]: `zone-${index % ZONES}` } },
    spec: {},
    status: { allocatable: { cpu: '4', memory: '32Gi', pods: '110' } },
  } as unknown as Node
}

function pod(index: number, spec: Partial<Pod['spec']>): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `pod-${index}`,
      namespace: 'default',
      uid: `uid-${index}`,
      labels: { app: 'web' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'web', controller: true }],
    },
    spec: {
      containers: [{ name: 'main', image: 'pause', resources: { requests: { cpu: '100m', memory: '500Mi' } } }],
      ...spec,
    },
    status: {},
  } as unknown as Pod
}

function createCluster(nodes: number): ClusterState {
  const state = createClusterState()
  for (let index = 0; index < nodes; index++) state.setNode(node(index))
  return state
}

/** Finds a node for each pod, one after the other. */
function schedule(state: ClusterState, infos: readonly ReturnType<typeof describePod>[]): void {
  let startAt = 0
  for (const info of infos) {
    const { nodeName, examined, nodeCount } = decide(info, state, { startAt })
    if (nodeName === undefined) throw new Error(`${info.pod.metadata.name} fits nowhere`)
    state.assume(info, nodeName)
    startAt = (startAt + examined) % nodeCount
  }
}

/** Seconds that the decisions for so many pods take, in a cluster that is empty at first. */
function secondsFor(nodes: number, pods: number, spec: Partial<Pod['spec']> = {}): number {
  const state = createCluster(nodes)
  const infos = Array.from({ length: pods }, (_, index) => describePod(pod(index, spec)))
  const startedAt = performance.now()
  schedule(state, infos)
  return (performance.now() - startedAt) / 1000
}

const labelSelector = { matchLabels: { app: 'web' } }

const ANTI_AFFINITY: Partial<Pod['spec']> = {
  affinity: {
    podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: HOST, labelSelector }] },
  },
}
const AFFINITY: Partial<Pod['spec']> = {
  affinity: {
    podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: ZONE, labelSelector }] },
  },
}
const spreading = (topologyKey: string): Partial<Pod['spec']> => ({
  topologySpreadConstraints: [{ maxSkew: 5, topologyKey, whenUnsatisfiable: 'DoNotSchedule', labelSelector }],
})
const SELECTED: Partial<Pod['spec']> = {
  ...spreading(ZONE),
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: 'Exists' }] }],
      },
    },
  },
}

const rate = (what: string, pods: number, spec: Partial<Pod['spec']>, wanted: string): Series => ({
  name: `${NODES} nodes: ${what}`,
  unit: '/s',
  samples: Array.from({ length: RUNS }, () => pods / secondsFor(NODES, pods, spec)),
  wanted,
})

/** Milliseconds for one pod, in a cluster of so many nodes. */
const costOf = (nodes: number): Series => ({
  name: `${nodes} nodes: decision for one pod`,
  unit: 'ms',
  samples: Array.from({ length: RUNS }, () => secondsFor(nodes, 2 * nodes) * (1000 / (2 * nodes))),
})

export const scheduler: Benchmark = {
  name: 'scheduler',
  description: 'Scheduling decisions, without an API server.',
  async run(): Promise<Series[]> {
    const costs = SIZES.map(costOf)
    const best = costs.map(({ samples }) => Math.min(...samples))
    return [
      rate(`${PODS} basic pods`, PODS, {}, '> 1000'),
      rate('2000 pods with anti-affinity by host', 2_000, ANTI_AFFINITY, '> 150'),
      rate('5000 pods with affinity by zone', 5_000, AFFINITY, '> 150'),
      rate('5000 pods spread over zones', 5_000, spreading(ZONE), '> 150'),
      rate('5000 pods spread over hosts', 5_000, spreading(HOST), '> 150'),
      rate('2000 pods spread over selected nodes', 2_000, SELECTED, '> 150'),
      ...costs,
      {
        name: `cost of a pod, ${SIZES.at(-1)} nodes to ${SIZES[0]}`,
        unit: 'x',
        samples: [best.at(-1)! / best[0]!],
        wanted: `< ${SIZES.at(-1)! / SIZES[0]!}`,
      },
    ]
  },
}
