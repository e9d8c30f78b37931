/** Which of too many replicas go first: those whose loss costs least (upstream's `ActivePodsWithRanks`). Pure. */
import type { Pod } from '../../shared/api/pod/pod.ts'
import { isReady, readySinceMs } from './pod-state.ts'

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost'
const PHASES = ['Pending', 'Unknown', 'Running']

interface Candidate {
  pod: Pod
  /** How many replicas share the pod's node. */
  onSameNode: number
}

/** Negative: `a` goes before `b`. */
type Criterion = (a: Candidate, b: Candidate, nowMs: number) => number

/** The order of a number: smaller first. */
const smallerFirst =
  (value: (candidate: Candidate) => number): Criterion =>
  (a, b) =>
    value(a) - value(b)

/** An integer annotation; anything else counts as 0, as where there is none. */
function deletionCost({ metadata }: Pod): number {
  const text = metadata.annotations?.[DELETION_COST] ?? ''
  return /^-?\d+$/.test(text) ? Number(text) : 0
}

const restarts = (statuses: Pod['status']['containerStatuses']) =>
  Math.max(0, ...(statuses ?? []).map(({ restartCount }) => restartCount))

const createdMs = ({ metadata }: Pod) => Date.parse(metadata.creationTimestamp)

/** Ages count by their order of magnitude only, so that a scale-down does not always hit the pods of the last rollout. */
const magnitude = (sinceMs: number, nowMs: number) =>
  nowMs > sinceMs ? Math.floor(Math.log2((nowMs - sinceMs) * 1_000_000)) : -1

/** The younger first by magnitude; of one magnitude, by UID, which is as good as by lot. */
function youngerFirst(aMs: number, bMs: number, { a, b, nowMs }: { a: Pod; b: Pod; nowMs: number }): number {
  if (aMs === bMs) return 0
  return magnitude(aMs, nowMs) - magnitude(bMs, nowMs) || (a.metadata.uid < b.metadata.uid ? -1 : 1)
}

const CRITERIA: readonly Criterion[] = [
  smallerFirst(({ pod }) => Number((pod.spec.nodeName ?? '') !== '')),
  smallerFirst(({ pod }) => PHASES.indexOf(pod.status.phase ?? 'Pending')),
  smallerFirst(({ pod }) => Number(isReady(pod))),
  smallerFirst(({ pod }) => deletionCost(pod)),
  smallerFirst(({ onSameNode }) => -onSameNode),
  ({ pod: a }, { pod: b }, nowMs) => {
    const aMs = readySinceMs(a)
    const bMs = readySinceMs(b)
    return aMs === undefined || bMs === undefined ? 0 : youngerFirst(aMs, bMs, { a, b, nowMs })
  },
  smallerFirst(({ pod }) => -restarts(pod.status.containerStatuses)),
  smallerFirst(({ pod }) => -restarts(pod.status.initContainerStatuses)),
  ({ pod: a }, { pod: b }, nowMs) => youngerFirst(createdMs(a), createdMs(b), { a, b, nowMs }),
]

/** The `count` of `pods` to delete. `related` are all pods among which those on one node count as doubled up. */
export function surplusOf(
  pods: readonly Pod[],
  count: number,
  { related = pods, nowMs }: { related?: readonly Pod[]; nowMs: number },
): Pod[] {
  if (count >= pods.length) return [...pods]
  const perNode = new Map<string, number>()
  for (const { spec } of related) perNode.set(spec.nodeName ?? '', (perNode.get(spec.nodeName ?? '') ?? 0) + 1)
  const candidates = pods.map((pod) => ({ pod, onSameNode: perNode.get(pod.spec.nodeName ?? '') ?? 0 }))
  candidates.sort((a, b) => {
    for (const criterion of CRITERIA) {
      const order = criterion(a, b, nowMs)
      if (order !== 0) return order
    }
    return 0
  })
  return candidates.slice(0, count).map(({ pod }) => pod)
}
