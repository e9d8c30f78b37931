/** Runs that the API knows of and the runtime does not: what is left of them is their status. Pure. */
import type { ContainerStatus, Pod } from '../../shared/api/pod/pod.ts'
import { runIdOf } from './container-id.ts'
import { type ContainerRun, IMAGE, IMAGE_ID } from './world.ts'

/** Exit code upstream gives a container that it cannot find any more. */
const UNKNOWN_EXIT_CODE = 137

function lostRun(pod: Pod, status: ContainerStatus, nowMs: number): ContainerRun | undefined {
  const { state = {}, lastState = {}, containerID, restartCount, name } = status
  const ended = state.terminated ?? (state.waiting === undefined ? undefined : lastState.terminated)
  if (ended === undefined && state.running === undefined) return undefined
  const startedAt = ended?.startedAt ?? state.running?.startedAt
  const startedAtMs = startedAt === undefined ? nowMs : Date.parse(startedAt)
  const unknown = { reason: 'ContainerStatusUnknown', message: 'The container could not be located on the node' }
  return {
    id: runIdOf(containerID ?? ''),
    podUid: pod.metadata.uid,
    name,
    attempt: restartCount,
    logPath: '',
    annotations: { [IMAGE]: status.image, [IMAGE_ID]: status.imageID },
    state: 'exited',
    pid: 0,
    startedAtMs,
    finishedAtMs: ended?.finishedAt === undefined ? nowMs : Date.parse(ended.finishedAt),
    exitCode: ended?.exitCode ?? UNKNOWN_EXIT_CODE,
    ...(ended === undefined ? unknown : { reason: ended.reason, message: ended.message }),
  }
}

/**
 * An ended run for each container that, by the pod's status, has run on this node but of which no run is known. So it
 * is restarted by its policy, or not at all, and its restart count goes on.
 */
export function lostRuns(pod: Pod, known: readonly ContainerRun[], nowMs: number): ContainerRun[] {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {}
  return [...initContainerStatuses, ...containerStatuses]
    .filter(({ name }) => !known.some((run) => run.name === name))
    .flatMap((status) => lostRun(pod, status, nowMs) ?? [])
}
