/**
 * What to do for one pod next: upstream's `computePodActions`, with the end of the pod included. Pure: the worker
 * observes, plans, performs, and comes back whenever anything changed or `requeueAfterMs` is over.
 */
import type { Plan } from '../../shared/controller/plan.ts'
import { isEnding } from './ending.ts'
import { planContainers } from './plan-containers.ts'
import { planEnd } from './plan-end.ts'
import { join, type PodAction, type Step } from './plan-step.ts'
import { allContainersOf, deadlineMs, type PodWorld, runsOf } from './world.ts'

/** Runs of a container that are kept: the last, and the one before for `kubectl logs --previous`. */
const RUNS_KEPT = 2

const forgetOldRuns = (world: PodWorld): PodAction[] =>
  allContainersOf(world)
    .flatMap(({ name }) => runsOf(world, name).slice(RUNS_KEPT))
    .filter(({ state }) => state === 'exited')
    .map(({ id }) => ({ do: 'removeContainer', id }))

/** Volumes come before everything else, as upstream. */
function planRunning(world: PodWorld): Step {
  const { isReady, dueAtMs = Number.POSITIVE_INFINITY } = world.volumes
  if (dueAtMs <= world.nowMs) return { actions: [{ do: 'prepareVolumes' }] }
  const untilDue: Step = { actions: [], wakeAtMs: dueAtMs }
  if (!isReady) return untilDue
  if (world.sandbox === undefined) return { actions: [{ do: 'ensureSandbox' }] }
  return join([planContainers(world), { actions: forgetOldRuns(world) }, untilDue])
}

/** The actions that are due for a pod, and when to look again. An applied plan leads to an empty one. */
export function planPod(world: PodWorld): Plan<PodAction> {
  const ending = isEnding(world)
  const { actions, wakeAtMs = Number.POSITIVE_INFINITY } = ending ? planEnd(world) : planRunning(world)
  const untilDeadlineMs = ending ? undefined : deadlineMs(world)
  const nextMs = Math.min(wakeAtMs, untilDeadlineMs ?? Number.POSITIVE_INFINITY)
  return nextMs === Number.POSITIVE_INFINITY
    ? { actions }
    : { actions, requeueAfterMs: Math.max(0, nextMs - world.nowMs) }
}
