/** How a pod ends: its containers are asked to stop, sidecars after all others, and when nothing runs it is tidied up. */
import type { Container } from '../../shared/api/pod/pod.ts'
import { DEADLINE_MESSAGE, isPastDeadline } from './ending.ts'
import { join, NOTHING, type Step } from './plan-step.ts'
import { planStop } from './plan-stop.ts'
import { type ContainerRun, graceSecondsOf, initContainersOf, isRunning, isSidecar, type PodWorld } from './world.ts'

/** Grace of a pod that the API does not know any more; also the least that a deletion allows, as upstream. */
const LEAST_GRACE_MS = 1_000

const DEADLINE_KEY = 'deadline'

/** How long the containers of an ending pod have for their hooks and to end. */
function graceMs(world: PodWorld): number {
  const { pod, isGone, shutdown, volumes } = world
  if (volumes.eviction !== undefined) return 0
  if (isGone) return LEAST_GRACE_MS
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata
  const ofSpec = graceSecondsOf(pod)
  const seconds = deletionTimestamp === undefined ? ofSpec : (deletionGracePeriodSeconds ?? ofSpec)
  const leastMs = Math.max(LEAST_GRACE_MS, seconds * 1000)
  return Math.min(leastMs, shutdown?.graceMs ?? Number.POSITIVE_INFINITY)
}

/** Whether a run may be asked to end: of several, sidecars are after everything else, from the last to the first. */
function turns(world: PodWorld, running: readonly ContainerRun[]): (run: ContainerRun) => boolean {
  const sidecars: readonly Container[] = initContainersOf(world).filter(isSidecar)
  const order = (run: ContainerRun) => sidecars.findIndex(({ name }) => name === run.name)
  return (run) => {
    const own = order(run)
    return own === -1 || running.every((other) => other === run || (order(other) !== -1 && order(other) < own))
  }
}

function announceDeadline(world: PodWorld): Step {
  if (!isPastDeadline(world) || world.announced.has(DEADLINE_KEY)) return NOTHING
  return { actions: [{ do: 'announceDeadline', key: DEADLINE_KEY, message: DEADLINE_MESSAGE }] }
}

function stopAll(world: PodWorld, running: readonly ContainerRun[]): Step {
  const isTurnOf = turns(world, running)
  const stops = running.map((run) =>
    planStop(world, run, {
      why: 'podEnds',
      graceMs: graceMs(world),
      message: `Stopping container ${run.name}`,
      isTurn: isTurnOf(run),
    }),
  )
  return join([announceDeadline(world), ...stops])
}

export function planEnd(world: PodWorld): Step {
  const running = world.runs.filter(isRunning)
  if (running.length > 0) return stopAll(world, running)
  if (world.volumes.isPresent) return { actions: [{ do: 'tearDownVolumes' }] }
  if (world.isGone || world.pod.metadata.deletionTimestamp !== undefined) return { actions: [{ do: 'finishPod' }] }
  // A pod that has finished keeps its sandbox, and with it its runs and their logs, until it is deleted.
  return NOTHING
}
