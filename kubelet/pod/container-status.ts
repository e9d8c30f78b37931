/** `containerStatuses[]`: what is reported of each container. Pure. */
import type { Container, ContainerState, ContainerStateTerminated, ContainerStatus } from '../../shared/api/pod/pod.ts'
import { toTime } from '../../shared/clock.ts'
import { containerIdOf } from './container-id.ts'
import { isEnding } from './ending.ts'
import { nextRun } from './next-run.ts'
import {
  allContainersOf,
  type ContainerRun,
  IMAGE,
  IMAGE_ID,
  initContainersOf,
  isRunning,
  isSidecar,
  isStarted,
  isUp,
  type PodWorld,
  runsOf,
} from './world.ts'

/** Cuts a text to so many bytes, between two characters. */
function cutTo(text: string, bytesMax: number): string {
  if (Buffer.byteLength(text) <= bytesMax) return text
  const bytes = Buffer.from(text)
  let end = bytesMax
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--
  return bytes.subarray(0, end).toString()
}

/** The most that the final messages of all containers of a pod take together. */
const POD_MESSAGE_BYTES_MAX = 12 * 1024

function terminated(world: PodWorld, run: ContainerRun): ContainerStateTerminated {
  const bytesMax = Math.floor(POD_MESSAGE_BYTES_MAX / allContainersOf(world).length)
  const exitCode = run.exitCode ?? 0
  const byExit = run.oomKilled === true ? 'OOMKilled' : exitCode === 0 ? 'Completed' : 'Error'
  const said = [run.message, run.lastWords].filter((text) => text !== undefined && text !== '').join(': ')
  const message = said === '' && exitCode !== 0 ? run.notice : said || undefined
  return {
    exitCode,
    reason: run.reason ?? (run.lost === true ? 'ContainerStatusUnknown' : byExit),
    ...(message !== undefined && { message: cutTo(message, bytesMax) }),
    startedAt: toTime(run.startedAtMs),
    finishedAt: toTime(run.finishedAtMs ?? run.startedAtMs),
    containerID: containerIdOf(world.runtimeVersion, run.id),
  }
}

const creatingReason = (world: PodWorld) =>
  initContainersOf(world).length > 0 ? 'PodInitializing' : 'ContainerCreating'

/** The state of a container that does not run: what it waits for, or how it ended. */
function idleState(world: PodWorld, container: Container, ended: ContainerRun | undefined): ContainerState {
  const next = nextRun(world, container)
  if (next.is === 'waiting' && !isEnding(world)) {
    return { waiting: { reason: next.reason, message: next.message } }
  }
  if (ended !== undefined) return { terminated: terminated(world, ended) }
  return { waiting: { reason: creatingReason(world) } }
}

/** The state of a run whose postStart hook is under way or has failed: it does not count as running. */
function startingState(world: PodWorld, run: ContainerRun): ContainerState {
  const hook = world.postStarts.get(run.id)
  if (hook?.is === 'failed') return { waiting: { reason: 'PostStartHookError', message: hook.message } }
  return { waiting: { reason: creatingReason(world) } }
}

function stateOf(world: PodWorld, container: Container, run: ContainerRun | undefined): ContainerState {
  if (!isRunning(run)) return idleState(world, container, run)
  if (!isUp(world, run)) return startingState(world, run)
  return { running: { startedAt: toTime(run.startedAtMs) } }
}

/** Whether a running container serves: it is started, and its readiness probe, if there is one, has succeeded. */
const isReady = (world: PodWorld, container: Container, run: ContainerRun | undefined) =>
  isStarted(world, container, run) &&
  (container.readinessProbe === undefined || world.probes.get(run!.id)?.readiness === true)

/** A plain init container is ready once it has succeeded. */
const hasSucceeded = (run: ContainerRun | undefined) => run?.state === 'exited' && run.exitCode === 0

type Given = Pick<ContainerStatus, 'allocatedResources' | 'resources' | 'volumeMounts'>

/** What a container that was started has been given, as its spec says. */
function given({ resources = {}, volumeMounts = [] }: Container): Given {
  const { requests = {}, limits = {} } = resources
  const hasRequests = Object.keys(requests).length > 0
  const mounts = volumeMounts.map(({ name, mountPath, readOnly = false }) => ({
    ...{ name, mountPath },
    ...(readOnly && { readOnly, recursiveReadOnly: 'Disabled' }),
  }))
  return {
    ...(hasRequests && { allocatedResources: requests }),
    resources: { ...(hasRequests && { requests }), ...(Object.keys(limits).length > 0 && { limits }) },
    ...(mounts.length > 0 && { volumeMounts: mounts }),
  }
}

export function containerStatus(world: PodWorld, container: Container): ContainerStatus {
  const [run, previous] = runsOf(world, container.name)
  const state = stateOf(world, container, run)
  const last = isRunning(run) || state.terminated !== undefined ? previous : run
  const isPlainInit = initContainersOf(world).includes(container) && !isSidecar(container)
  return {
    name: container.name,
    state,
    lastState: last === undefined ? {} : { terminated: terminated(world, last) },
    ready: isPlainInit ? hasSucceeded(run) : isReady(world, container, run),
    restartCount: run?.attempt ?? 0,
    image: run?.annotations[IMAGE] ?? container.image ?? '',
    imageID: run?.annotations[IMAGE_ID] ?? '',
    ...(run !== undefined && { containerID: containerIdOf(world.runtimeVersion, run.id), ...given(container) }),
    started: isStarted(world, container, run),
  }
}
