/** `status.phase` from the containers' states, as upstream's `getPhase`. Pure. */
import type { Container, ContainerStatus, PodStatus } from '../../shared/api/pod/pod.ts'
import { DEADLINE_MESSAGE, hasEnded, isPastDeadline } from './ending.ts'
import { SHUTDOWN_MESSAGE, SHUTDOWN_REASON } from './node-shutdown.ts'
import { hasMainRun, initContainersOf, isSidecar, isStarted, isTerminalPhase, type PodWorld, runsOf } from './world.ts'

type Verdict = Pick<PodStatus, 'phase' | 'reason' | 'message'>

const DEADLINE_EXCEEDED: Verdict = {
  phase: 'Failed',
  reason: 'DeadlineExceeded',
  message: DEADLINE_MESSAGE,
}

/** Whether the main containers need not wait for this init container any more. */
export function isInitialized(world: PodWorld, container: Container): boolean {
  const [run] = runsOf(world, container.name)
  if (hasMainRun(world)) return true
  return isSidecar(container) ? isStarted(world, container, run) : run?.state === 'exited' && run.exitCode === 0
}

/** Whether the container has ended at least once, though it may be waiting for its next run. */
const wasRun = ({ state, lastState }: ContainerStatus) =>
  state?.terminated !== undefined || (state?.waiting !== undefined && lastState?.terminated !== undefined)

const hasSucceeded = ({ state }: ContainerStatus) => state?.terminated?.exitCode === 0

/** The phase of a pod in which something runs, or is still to run. */
function livePhase(world: PodWorld, statuses: readonly ContainerStatus[]): PodStatus['phase'] {
  if (!initContainersOf(world).every((container) => isInitialized(world, container))) return 'Pending'
  const isKnown = (status: ContainerStatus) => status.state?.running !== undefined || wasRun(status)
  return statuses.every(isKnown) ? 'Running' : 'Pending'
}

/**
 * The phase with the reason that belongs to it. A pod becomes Succeeded or Failed only when none of its containers
 * runs any more, and keeps that phase for ever.
 */
export function podPhase(world: PodWorld, statuses: readonly ContainerStatus[]): Verdict {
  const { pod, rejection, shutdown, volumes, lastStatus } = world
  for (const { phase, reason, message } of [pod.status ?? {}, lastStatus ?? {}]) {
    if (isTerminalPhase(phase)) return { phase, reason, message }
  }
  if (rejection !== undefined) {
    const { reason, message } = rejection
    return { phase: 'Failed', reason, message: `Pod was rejected: ${message}` }
  }
  if (!hasEnded(world)) return { phase: livePhase(world, statuses) }
  if (shutdown !== undefined) return { phase: 'Failed', reason: SHUTDOWN_REASON, message: SHUTDOWN_MESSAGE }
  if (volumes.eviction !== undefined) return { phase: 'Failed', reason: 'Evicted', message: volumes.eviction }
  if (statuses.length > 0 && statuses.every(hasSucceeded)) return { phase: 'Succeeded' }
  return isPastDeadline(world) ? DEADLINE_EXCEEDED : { phase: 'Failed' }
}
