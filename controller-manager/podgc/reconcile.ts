/** Pods that nobody else cleans up (upstream's pod garbage collector). Pure. */
import type { Node } from '../../shared/api/node/node.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { Plan } from '../../shared/controller/plan.ts'

/** Why a pod is collected. */
export type Cause =
  /** Its node does not exist any more. */
  | 'nodeGone'
  /** Its node was declared out of service, so its kubelet will not finish the deletion. */
  | 'outOfService'
  /** It is being deleted but was never bound: no kubelet will finish it. */
  | 'unscheduled'
  /** It has ended, and there are too many of those. */
  | 'terminated'

export type PodGcAction = { do: 'deletePod'; pod: Pod; cause: Cause }

export interface PodGcWorld {
  pods: readonly Pod[]
  nodes: readonly Node[]
  /** By name: since when a node that pods are bound to has been missing. */
  missingSinceMs: ReadonlyMap<string, number>
  /** Finished pods that are kept; 0 keeps all. */
  terminatedMax: number
  /** A node must be missing this long before its pods go: it may be registered anew. */
  quarantineMs: number
  nowMs: number
}

const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service'

const hasEnded = ({ status }: Pod) => status.phase === 'Succeeded' || status.phase === 'Failed'
const isGoing = ({ metadata }: Pod) => metadata.deletionTimestamp !== undefined
const nodeOf = ({ spec }: Pod) => spec.nodeName ?? ''

/** By name, the nodes that pods are bound to but that do not exist, with the time at which they were first missed. */
export function missingNodes({ pods, nodes, missingSinceMs, nowMs }: PodGcWorld): Map<string, number> {
  const names = new Set(nodes.map(({ metadata }) => metadata.name))
  const missing = pods.map(nodeOf).filter((name) => name !== '' && !names.has(name))
  return new Map(missing.map((name) => [name, missingSinceMs.get(name) ?? nowMs]))
}

const isNotReady = ({ status }: Node) =>
  status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') !== true

/** The finished pods beyond the threshold: evicted ones first, then the oldest. */
function surplusTerminated(pods: readonly Pod[], max: number): Pod[] {
  const ended = pods.filter((pod) => hasEnded(pod) && !isGoing(pod))
  if (max === 0 || ended.length <= max) return []
  const order = ({ status, metadata }: Pod) =>
    `${status.phase === 'Failed' && status.reason === 'Evicted' ? 0 : 1}${metadata.creationTimestamp}${metadata.name}`
  return ended.sort((a, b) => (order(a) < order(b) ? -1 : 1)).slice(0, ended.length - max)
}

/** Each pod is named at most once, with the first cause that applies. */
export function reconcilePodGc(world: PodGcWorld): Plan<PodGcAction> {
  const { pods, nodes, terminatedMax, quarantineMs, nowMs } = world
  const outOfService = new Set(
    nodes
      .filter((node) => isNotReady(node) && node.spec.taints?.some(({ key }) => key === OUT_OF_SERVICE))
      .map(({ metadata }) => metadata.name),
  )
  const missing = missingNodes(world)
  const terminated = new Set(surplusTerminated(pods, terminatedMax))
  const causeOf = (pod: Pod): Cause | undefined => {
    if (nowMs - (missing.get(nodeOf(pod)) ?? nowMs) >= quarantineMs && missing.has(nodeOf(pod))) return 'nodeGone'
    if (isGoing(pod) && outOfService.has(nodeOf(pod))) return 'outOfService'
    if (isGoing(pod) && nodeOf(pod) === '') return 'unscheduled'
    return terminated.has(pod) ? 'terminated' : undefined
  }
  const actions = pods.flatMap((pod): PodGcAction[] => {
    const cause = causeOf(pod)
    return cause === undefined ? [] : [{ do: 'deletePod', pod, cause }]
  })
  return { actions }
}
