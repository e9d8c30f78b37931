/** How a pod ends: its containers are asked to stop, sidecars after all others, and when nothing runs it is tidied up. */
import type { Container } from '../../shared/api/pod/pod.ts'
import { NOTHING, type PodAction, type Step } from './plan-step.ts'
import { type ContainerRun, graceSecondsOf, initContainersOf, isRunning, isSidecar, type PodWorld } from './world.ts'

/** Grace of a pod that the API does not know any more; also the least that a deletion allows, as upstream. */
const LEAST_GRACE_MS = 1_000

/** How long the containers of an ending pod have between SIGTERM and SIGKILL. */
function graceMs({ pod, isGone }: PodWorld): number {
  if (isGone) return LEAST_GRACE_MS
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata
  const ofSpec = graceSecondsOf(pod)
  const seconds = deletionTimestamp === undefined ? ofSpec : (deletionGracePeriodSeconds ?? ofSpec)
  return Math.max(LEAST_GRACE_MS, seconds * 1000)
}

function stop(world: PodWorld, run: ContainerRun, grace: number): PodAction[] {
  const under = world.stops.get(run.id)
  if (under !== undefined && under.killAtMs <= world.nowMs + grace) return []
  const message = `Stopping container ${run.name}`
  return [{ do: 'stopContainer', id: run.id, name: run.name, graceMs: grace, why: 'podEnds', message }]
}

/** The runs whose turn it is to stop: everything but sidecars first, then the sidecars from last to first. */
function nextToStop(world: PodWorld): ContainerRun[] {
  const sidecars: readonly Container[] = initContainersOf(world).filter(isSidecar)
  const order = (run: ContainerRun) => sidecars.findIndex(({ name }) => name === run.name)
  const running = world.runs.filter(isRunning)
  const others = running.filter((run) => order(run) === -1)
  if (others.length > 0) return others
  const last = Math.max(-1, ...running.map(order))
  return running.filter((run) => order(run) === last)
}

/** The grace is counted for the pod: what the other containers have used up of it is gone for the sidecars. */
function graceLeftMs(world: PodWorld): number {
  const full = graceMs(world)
  const ends = [...world.stops.values()].filter(({ why }) => why === 'podEnds').map(({ killAtMs }) => killAtMs)
  if (ends.length === 0) return full
  return Math.min(full, Math.max(LEAST_GRACE_MS, Math.max(...ends) - world.nowMs))
}

export function planEnd(world: PodWorld): Step {
  const toStop = nextToStop(world)
  if (toStop.length > 0) return { actions: toStop.flatMap((run) => stop(world, run, graceLeftMs(world))) }
  if (world.isGone || world.pod.metadata.deletionTimestamp !== undefined) return { actions: [{ do: 'finishPod' }] }
  // A pod that has finished keeps its sandbox, and with it its runs and their logs, until it is deleted.
  return NOTHING
}
