/** How many pods of a budget may be evicted now. Pure. */
import type { OwnerReference } from '../../shared/api/meta.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../shared/api/pod-disruption-budget.ts'
import { controllerOf } from '../../shared/controller/indexes.ts'
import type { Plan } from '../../shared/controller/plan.ts'
import { type BudgetVerdict, verdictOn, withVerdict } from '../../shared/disruption-budget.ts'
import { formatSelector, selectorFromLabelSelector } from '../../shared/labels.ts'
import { scaledValue } from '../../shared/scaled-value.ts'
import { isReady } from '../replicas/pod-state.ts'

/** How long a pod whose eviction was granted counts as gone without having been deleted: then the deletion has failed. */
const DELETION_TIMEOUT_MS = 2 * 60_000

/** The wanted size of a controller, or why it is not known; empty: there is no such controller. */
export type Scale = { uid: string; replicas: number } | { unknown: string }

export type BudgetAction =
  | { do: 'updateStatus'; status: PodDisruptionBudgetStatus }
  | { do: 'tell'; type: 'Normal' | 'Warning'; reason: string; message: string }
  /** A pod's eviction was granted, but it was never deleted. */
  | { do: 'tellUndeleted'; pod: Pod }

export interface BudgetPlan extends Plan<BudgetAction> {
  /** Why the numbers could not be computed: it is worth another try. */
  failure?: string
}

export interface BudgetWorld {
  /** The pods that the budget selects, in its namespace. */
  pods: readonly Pod[]
  /** The wanted size of the controller of such a pod. */
  scaleOf(controller: OwnerReference): Scale
  nowMs: number
}

interface Expected {
  pods: number
  unmanaged: readonly Pod[]
}

/** The pods that there should be: what their controllers ask for, all together. */
function expectedScale({ pods, scaleOf }: BudgetWorld): Expected | { failure: string } {
  const scales = new Map<string, number>()
  const seen = new Set<string>()
  const unmanaged: Pod[] = []
  for (const pod of pods) {
    const controller = controllerOf(pod)
    if (controller === undefined) {
      unmanaged.push(pod)
      continue
    }
    if (seen.has(controller.uid)) continue
    seen.add(controller.uid)
    const scale = scaleOf(controller)
    if ('unknown' in scale)
      return { failure: scale.unknown || `found no controllers for pod ${JSON.stringify(pod.metadata.name)}` }
    scales.set(scale.uid, scale.replicas)
  }
  return { pods: [...scales.values()].reduce((sum, replicas) => sum + replicas, 0), unmanaged }
}

interface Demand extends Expected {
  healthy: number
}

/** How many pods there should be, and how many of them must be healthy. */
function demandOf({ spec }: PodDisruptionBudget, world: BudgetWorld): Demand | { failure: string } {
  const { minAvailable, maxUnavailable } = spec
  if (typeof minAvailable === 'number' && maxUnavailable === undefined)
    return { pods: world.pods.length, unmanaged: [], healthy: minAvailable }
  if (minAvailable === undefined && maxUnavailable === undefined) return { pods: 0, unmanaged: [], healthy: 0 }
  const expected = expectedScale(world)
  if ('failure' in expected) return expected
  const healthy =
    maxUnavailable !== undefined
      ? Math.max(0, expected.pods - scaledValue(maxUnavailable, expected.pods, { round: 'up' }))
      : scaledValue(minAvailable!, expected.pods, { round: 'up' })
  return { ...expected, healthy }
}

interface Disrupted {
  /** Pods that are about to be deleted, with the time of the grant. */
  pending: Record<string, string>
  undeleted: Pod[]
  nextTimeoutMs?: number
}

/** Which granted evictions are still to be waited for. */
function disruptedPods({ status }: PodDisruptionBudget, { pods, nowMs }: BudgetWorld): Disrupted {
  const pending: Record<string, string> = {}
  const undeleted: Pod[] = []
  const waits: number[] = []
  for (const pod of pods) {
    const grantedAt = status.disruptedPods?.[pod.metadata.name]
    if (grantedAt === undefined || pod.metadata.deletionTimestamp !== undefined) continue
    const waitMs = Date.parse(grantedAt) + DELETION_TIMEOUT_MS - nowMs
    if (waitMs <= 0) {
      undeleted.push(pod)
      continue
    }
    pending[pod.metadata.name] = grantedAt
    waits.push(waitMs)
  }
  return { pending, undeleted, ...(waits.length > 0 && { nextTimeoutMs: Math.min(...waits) }) }
}

const isGoing = ({ metadata }: Pod) => metadata.deletionTimestamp !== undefined

function unmanagedWarning({ spec }: PodDisruptionBudget): BudgetAction {
  const selector = formatSelector(selectorFromLabelSelector(spec.selector))
  return {
    do: 'tell',
    type: 'Warning',
    reason: 'UnmanagedPods',
    message: `Pods selected by this PodDisruptionBudget (selector: ${selector}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`,
  }
}

/** The update that gives the budget this status; none where it has it. */
function statusUpdate({ status }: PodDisruptionBudget, wanted: PodDisruptionBudgetStatus): BudgetAction[] {
  const { disruptedPods = {}, conditions = [], ...counts } = wanted
  const isSame =
    Object.entries(counts).every(([field, value]) => (status[field as keyof typeof counts] ?? 0) === value) &&
    JSON.stringify(Object.entries(status.disruptedPods ?? {}).sort()) ===
      JSON.stringify(Object.entries(disruptedPods).sort()) &&
    isSaid(status, conditions)
  return isSame ? [] : [{ do: 'updateStatus', status: wanted }]
}

/** The order of a condition's fields is the server's; it counts no more than the time, which follows from the rest. */
function isSaid({ conditions: said = [] }: PodDisruptionBudgetStatus, wanted: readonly { type: string }[]): boolean {
  const shown = (condition: object) => JSON.stringify(Object.entries(condition).sort())
  return said.length === wanted.length && wanted.every((condition, index) => shown(condition) === shown(said[index]!))
}

/** A budget of which nothing is known allows nothing; its other numbers stay as they were. */
function failSafe(budget: PodDisruptionBudget, message: string, nowMs: number): BudgetPlan {
  const { status } = budget
  const verdict: BudgetVerdict = { status: 'False', reason: 'SyncFailed', message }
  const wanted = { ...status, disruptionsAllowed: 0, conditions: withVerdict(budget, verdict, nowMs) }
  const tell: BudgetAction = {
    do: 'tell',
    type: 'Warning',
    reason: 'CalculateExpectedPodCountFailed',
    message: `Failed to calculate the number of expected pods: ${message}`,
  }
  return { actions: [tell, ...statusUpdate(budget, wanted)], failure: message }
}

/** What the budget's status should say, and what is to be told of it. */
export function reconcileBudget(budget: PodDisruptionBudget, world: BudgetWorld): BudgetPlan {
  const { pods, nowMs } = world
  const demand = demandOf(budget, world)
  if ('failure' in demand) return failSafe(budget, demand.failure, nowMs)
  const { pending, undeleted, nextTimeoutMs } = disruptedPods(budget, world)
  const currentHealthy = pods.filter(
    (pod) => !isGoing(pod) && !Object.hasOwn(pending, pod.metadata.name) && isReady(pod),
  ).length
  // Without expected pods nothing is allowed: the first ones may appear before this is computed anew.
  const disruptionsAllowed = demand.pods > 0 ? Math.max(0, currentHealthy - demand.healthy) : 0
  const wanted: PodDisruptionBudgetStatus = {
    observedGeneration: budget.metadata.generation ?? 0,
    disruptionsAllowed,
    currentHealthy,
    desiredHealthy: demand.healthy,
    expectedPods: demand.pods,
    ...(Object.keys(pending).length > 0 && { disruptedPods: pending }),
    conditions: withVerdict(budget, verdictOn(disruptionsAllowed), nowMs),
  }
  const updates = statusUpdate(budget, wanted)
  const nobody: BudgetAction = { do: 'tell', type: 'Normal', reason: 'NoPods', message: 'No matching pods found' }
  return {
    actions: [
      // Both last as long as the pods are as they are: told when something else changes as well.
      ...(pods.length === 0 && updates.length > 0 ? [nobody] : []),
      ...(demand.unmanaged.length > 0 && updates.length > 0 ? [unmanagedWarning(budget)] : []),
      ...undeleted.map((pod): BudgetAction => ({ do: 'tellUndeleted', pod })),
      ...updates,
    ],
    ...(nextTimeoutMs !== undefined && { requeueAfterMs: nextTimeoutMs }),
  }
}
