/** Whether a pod is at its end: the question on which plan and status part ways. Pure. */
import type { Container } from '../../shared/api/pod/pod.ts'
import { isOver } from './next-run.ts'
import { deadlineMs, initContainersOf, isRunning, isTerminalPhase, type PodWorld, runsOf } from './world.ts'

const hasFailed = (world: PodWorld, container: Container) =>
  isOver(world, container) && runsOf(world, container.name)[0]?.exitCode !== 0

/** What event and status say of a pod past its `activeDeadlineSeconds`. */
export const DEADLINE_MESSAGE = 'Pod was active on the node longer than the specified deadline'

export const isPastDeadline = (world: PodWorld): boolean =>
  world.nowMs >= (deadlineMs(world) ?? Number.POSITIVE_INFINITY)

/** Whether nothing of the pod is to run (any more), whatever its containers do at the moment. */
export function isEnding(world: PodWorld): boolean {
  const { pod, isGone, rejection, shutdown, volumes, lastStatus } = world
  return (
    isGone ||
    rejection !== undefined ||
    shutdown !== undefined ||
    volumes.eviction !== undefined ||
    pod.metadata.deletionTimestamp !== undefined ||
    isTerminalPhase(pod.status?.phase) ||
    isTerminalPhase(lastStatus?.phase) ||
    isPastDeadline(world) ||
    initContainersOf(world).some((container) => hasFailed(world, container)) ||
    pod.spec.containers.every((container) => isOver(world, container))
  )
}

/** Whether the pod has come to its end: nothing runs, and nothing will. */
export const hasEnded = (world: PodWorld): boolean => isEnding(world) && !world.runs.some(isRunning)
