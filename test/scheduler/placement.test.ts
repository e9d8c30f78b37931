/** Whatever the cluster and the order of events: where pods are put is allowed, and a pod that is not put fits nowhere. */
import fc from 'fast-check'
import t from 'tap'
import { decide } from '../../scheduler/cycle.ts'
import type { PodInfo } from '../../scheduler/framework.ts'
import { type ClusterState, createClusterState } from '../../scheduler/state/cluster-state.ts'
import type { TopologySpreadConstraint } from '../../shared/api/pod/scheduling.ts'
import { makeNode, type PodDraft, podInfo } from './objects.ts'

const HOST = 'kubernetes.io/hostname'
const ZONE = 'topology.kubernetes.io/zone'
const NODES = ['node-0', 'node-1', 'node-2', 'node-3', 'node-4']

interface Placed {
  draft: PodDraft
  info: PodInfo
  nodeName: string
}
interface Labels {
  [key: string]: string
}
/** The plain facts, beside the scheduler's own state. */
interface World {
  nodes: Map<string, Labels>
  /** Names of nodes with a taint of effect NoSchedule. */
  tainted: Set<string>
  pods: Map<string, Placed>
}

type Happening =
  | { do: 'schedule'; draft: PodDraft }
  | { do: 'remove'; index: number }
  | { do: 'setNode'; index: number; zone: string | null; disk: string }
  | { do: 'removeNode' | 'taint' | 'untaint'; index: number }

const appOf = ({ labels }: PodDraft) => labels?.app
const termsOf = (draft: PodDraft, side: 'podAffinity' | 'podAntiAffinity') =>
  draft.affinity?.[side]?.requiredDuringSchedulingIgnoredDuringExecution ?? []
const isMeant = (selector: { matchLabels?: Labels } | undefined, pod: PodDraft) =>
  selector?.matchLabels?.app === appOf(pod)

const isSamePlace = (key: string, a: Labels | undefined, b: Labels | undefined) =>
  a?.[key] !== undefined && a[key] === b?.[key]

/** Slow and simple: from the pods themselves, as the documentation of the fields has it. */
function breaksAntiAffinity(draft: PodDraft, labels: Labels, { pods, nodes }: World): boolean {
  return [...pods.values()].some(({ draft: other, nodeName }) => {
    const there = nodes.get(nodeName)
    const keepsOff = (from: PodDraft, of: PodDraft) =>
      termsOf(from, 'podAntiAffinity').some(
        ({ topologyKey, labelSelector }) => isMeant(labelSelector, of) && isSamePlace(topologyKey, labels, there),
      )
    return keepsOff(draft, other) || keepsOff(other, draft)
  })
}

function breaksAffinity(draft: PodDraft, labels: Labels, { pods, nodes }: World): boolean {
  const terms = termsOf(draft, 'podAffinity')
  if (terms.length === 0) return false
  if (terms.some(({ topologyKey }) => labels[topologyKey] === undefined)) return true
  const meant = [...pods.values()].filter(
    ({ draft: other, nodeName }) =>
      nodes.has(nodeName) && terms.every(({ labelSelector }) => isMeant(labelSelector, other)),
  )
  const isNear = terms.every(({ topologyKey }) =>
    meant.some(({ nodeName }) => isSamePlace(topologyKey, labels, nodes.get(nodeName))),
  )
  const isAnybodyPlaced = meant.some(({ nodeName }) =>
    terms.some(({ topologyKey }) => nodes.get(nodeName)![topologyKey] !== undefined),
  )
  return !isNear && (isAnybodyPlaced || !terms.every(({ labelSelector }) => isMeant(labelSelector, draft)))
}

const isSelected = ({ nodeSelector = {} }: PodDraft, labels: Labels) =>
  Object.entries(nodeSelector).every(([key, value]) => labels[key] === value)

const isTolerated = ({ tolerations = [] }: PodDraft, name: string, { tainted }: World) =>
  !tainted.has(name) || tolerations.length > 0

function breaksSpread(draft: PodDraft, labels: Labels, world: World): boolean {
  const { pods, nodes } = world
  const constraints = draft.topologySpreadConstraints ?? []
  return constraints.some((constraint) => {
    const { topologyKey, maxSkew, labelSelector, minDomains = 1, nodeAffinityPolicy, nodeTaintsPolicy } = constraint
    if (labels[topologyKey] === undefined) return true
    const counted = [...nodes].filter(
      ([name, node]) =>
        (nodeAffinityPolicy === 'Ignore' || isSelected(draft, node)) &&
        (nodeTaintsPolicy !== 'Honor' || isTolerated(draft, name, world)) &&
        constraints.every((each) => node[each.topologyKey] !== undefined),
    )
    const counts = new Map(counted.map(([, node]) => [node[topologyKey]!, 0]))
    for (const { draft: other, nodeName } of pods.values()) {
      const value = counted.find(([name]) => name === nodeName)?.[1][topologyKey]
      if (value !== undefined && isMeant(labelSelector, other)) counts.set(value, counts.get(value)! + 1)
    }
    const min = counts.size < minDomains ? 0 : Math.min(...counts.values())
    const self = isMeant(labelSelector, draft) ? 1 : 0
    return (counts.get(labels[topologyKey]) ?? 0) + self - min > maxSkew
  })
}

function breaksRoom(info: PodInfo, nodeName: string, { pods }: World): boolean {
  const there = [...pods.values()].filter((placed) => placed.nodeName === nodeName).map(({ info }) => info)
  const cpu = [...there, info].reduce((sum, { requests }) => sum + (requests.get('cpu') ?? 0), 0)
  const isTaken = info.hostPorts.some((wanted) =>
    there.some(({ hostPorts }) =>
      hostPorts.some(
        ({ port, protocol, ip }) =>
          port === wanted.port &&
          protocol === wanted.protocol &&
          (ip === wanted.ip || ip === '0.0.0.0' || wanted.ip === '0.0.0.0'),
      ),
    ),
  )
  return there.length + 1 > 4 || cpu > 4000 || isTaken
}

function isAllowed(draft: PodDraft, info: PodInfo, nodeName: string, world: World): boolean {
  const labels = world.nodes.get(nodeName)!
  return (
    isSelected(draft, labels) &&
    isTolerated(draft, nodeName, world) &&
    !breaksRoom(info, nodeName, world) &&
    !breaksAntiAffinity(draft, labels, world) &&
    !breaksAffinity(draft, labels, world) &&
    !breaksSpread(draft, labels, world)
  )
}

function setNode(name: string, state: ClusterState, { nodes, tainted }: World): void {
  const taints = tainted.has(name) ? [{ key: 'k', effect: 'NoSchedule' }] : []
  state.setNode(makeNode({ name, labels: nodes.get(name)!, taints, allocatable: { pods: '4' } }))
}

/** Returns what is wrong with the scheduler's answer, if anything. */
function happen(happening: Happening, state: ClusterState, world: World, count: number): string | undefined {
  const { nodes, pods, tainted } = world
  const name = 'index' in happening ? NODES[happening.index % NODES.length]! : ''
  switch (happening.do) {
    case 'setNode':
      nodes.set(name, {
        [HOST]: name,
        disk: happening.disk,
        ...(happening.zone !== null && { [ZONE]: happening.zone }),
      })
      setNode(name, state, world)
      return undefined
    case 'taint':
    case 'untaint':
      if (happening.do === 'taint') tainted.add(name)
      else tainted.delete(name)
      if (nodes.has(name)) setNode(name, state, world)
      return undefined
    case 'removeNode':
      nodes.delete(name)
      state.removeNode(name)
      return undefined
    case 'remove': {
      const uid = [...pods.keys()][happening.index]
      if (uid === undefined) return undefined
      pods.delete(uid)
      state.remove(uid)
      return undefined
    }
    case 'schedule': {
      const draft = { ...happening.draft, name: `pod-${count}` }
      const info = podInfo(draft)
      const { nodeName } = decide(info, state, { startAt: count % Math.max(1, nodes.size) })
      if (nodeName === undefined) {
        const possible = [...nodes.keys()].find((each) => isAllowed(draft, info, each, world))
        return possible === undefined ? undefined : `pod-${count} would have fitted on ${possible}`
      }
      if (!isAllowed(draft, info, nodeName, world)) return `pod-${count} may not be on ${nodeName}`
      state.assume(info, nodeName)
      pods.set(info.uid, { draft, info, nodeName })
      return undefined
    }
  }
}

const app = fc.constantFrom('a', 'b')
const selector = app.map((name) => ({ matchLabels: { app: name } }))
const topologyKey = fc.constantFrom(HOST, ZONE)
const terms = fc.array(fc.record({ topologyKey, labelSelector: selector }), { maxLength: 2 })
const rarely = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined, freq: 2 })
const constraint: fc.Arbitrary<TopologySpreadConstraint> = fc.record({
  topologyKey,
  labelSelector: selector,
  maxSkew: fc.integer({ min: 1, max: 2 }),
  whenUnsatisfiable: fc.constant('DoNotSchedule' as const),
  minDomains: fc.integer({ min: 1, max: 3 }),
  nodeAffinityPolicy: fc.constantFrom('Honor' as const, 'Ignore' as const),
  nodeTaintsPolicy: fc.constantFrom('Honor' as const, 'Ignore' as const),
})
const port = fc.record({
  containerPort: fc.constant(80),
  hostPort: fc.constantFrom(80, 81),
  hostIP: fc.constantFrom('', '127.0.0.1', '127.0.0.2'),
  protocol: fc.constantFrom('TCP' as const, 'UDP' as const),
})
const draft: fc.Arbitrary<PodDraft> = fc
  .record({
    app,
    cpu: fc.nat(2000),
    near: rarely(terms),
    away: rarely(terms),
    spread: rarely(fc.array(constraint, { maxLength: 2 })),
    ssd: fc.boolean(),
    isTolerant: fc.boolean(),
    ports: rarely(fc.array(port, { maxLength: 2 })),
  })
  .map(({ app, cpu, near = [], away = [], spread = [], ssd, isTolerant, ports = [] }) => ({
    labels: { app },
    containers: [{ name: 'c', resources: { requests: { cpu: `${cpu}m` } }, ports }] as never,
    affinity: {
      podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: near },
      podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: away },
    },
    topologySpreadConstraints: spread,
    ...(ssd && { nodeSelector: { disk: 'ssd' } }),
    ...(isTolerant && { tolerations: [{ operator: 'Exists' as const }] }),
  }))
const index = fc.nat(8)
const zone = fc.option(fc.constantFrom('x', 'y'), { freq: 5 })
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('schedule' as const), draft }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), index }) },
  fc.record({
    do: fc.constant('setNode' as const),
    index,
    zone,
    disk: fc.constantFrom('ssd', 'hdd'),
  }),
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('taint' as const, 'untaint' as const), index }) },
  fc.record({ do: fc.constant('removeNode' as const), index }),
)
const beginning = fc
  .tuple(zone, zone, zone)
  .map((zones) =>
    zones.map((zone, index): Happening => ({ do: 'setNode', index, zone, disk: index === 0 ? 'hdd' : 'ssd' })),
  )

t.test('every binding is allowed, and what is not bound fits nowhere', async (t) => {
  fc.assert(
    fc.property(beginning, fc.array(happening, { maxLength: 40 }), (first, then) => {
      const state = createClusterState()
      const world: World = { nodes: new Map(), tainted: new Set(), pods: new Map() }
      for (const [count, next] of [...first, ...then].entries()) {
        const wrong = happen(next, state, world, count)
        if (wrong !== undefined) throw new Error(wrong)
      }
    }),
    { numRuns: 300 },
  )
  t.pass('for all of them')
})
