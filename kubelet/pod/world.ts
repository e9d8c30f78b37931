/** What the kubelet knows of one pod at one moment: all that its plan and its status are computed from. */
import type { Container, Pod, PodStatus } from '../../shared/api/pod/pod.ts'
import type { ContainerState, Sandbox } from '../runtime/runtime.ts'
import type { VolumesState } from '../volumes/volumes-state.ts'
import type { Rejection } from './admit.ts'
import type { BackOff, BackOffLimits } from './back-off.ts'
import type { NodeShutdown } from './node-shutdown.ts'

/** One run of a container, also one that never came to have a process. */
export interface ContainerRun extends ContainerState {
  /** Why it ended, where the exit code does not say it (`StartError`, `ContainerStatusUnknown`). */
  reason?: string
  message?: string
  /** What its program left to say, once it has ended. */
  lastWords?: string
}

/** What the probes of one run say at the moment; absent where there is no such probe or no result yet. */
export interface ProbeVerdicts {
  startup?: boolean
  liveness?: boolean
  readiness?: boolean
}

/** A container could not even be given to the runtime: its image or its environment is missing. */
export interface StartFailure {
  reason:
    | 'ErrImagePull'
    | 'ErrImageNeverPull'
    | 'InvalidImageName'
    | 'CreateContainerConfigError'
    | 'CreateContainerError'
  message: string
  atMs: number
  /** When it is tried again. */
  retryAtMs: number
  /** The wait until then; the next failure waits longer. */
  delayMs: number
}

/** Why a running container is stopped: the pod ends, or this run alone does. */
export type StopReason = 'podEnds' | 'unhealthy' | 'changed' | 'hookFailed'

/** The end of a run that has begun. It stays known after the exit, since it decides about the restart. */
export interface Stop {
  why: StopReason
  /** When the grace is over: the preStop hook, and the wait for containers that end before, last no longer. */
  graceEndsMs: number
  /** Its preStop hook is under way. */
  isInHook: boolean
  /** When SIGKILL follows; absent until the program was asked to end. */
  killAtMs?: number
}

/** What became of a run's postStart hook: known while it is under way, and when it has failed. */
export type PostStart = { is: 'underWay' } | { is: 'failed'; message: string }

export interface PodWorld {
  /** The newest copy of the API's pod. */
  pod: Pod
  /** The API has no such pod any more, or another one in its place. */
  isGone: boolean
  /** Why the node does not take the pod on; nothing of it is run then. */
  rejection: Rejection | undefined
  /** The node shuts down, and the pod ends for good. */
  shutdown: NodeShutdown | undefined
  /** All known runs of all its containers, in any order. */
  runs: readonly ContainerRun[]
  /** Absent where the pod has none, or none was asked for since the kubelet started. */
  sandbox: Sandbox | undefined
  /** Name and version of the runtime, as the node has them: `process://0.1.0`. */
  runtimeVersion: string
  /** The runtime's: runs of an earlier one were in a sandbox that is lost. */
  generation: string
  volumes: VolumesState
  /** By run ID. */
  probes: ReadonlyMap<string, ProbeVerdicts>
  /** By run ID. */
  stops: ReadonlyMap<string, Stop>
  /** By run ID; of hooks that have succeeded, or that an earlier kubelet has run, there is nothing. */
  postStarts: ReadonlyMap<string, PostStart>
  /** By container name. */
  failures: ReadonlyMap<string, StartFailure>
  /** By container name. */
  backOffs: ReadonlyMap<string, BackOff>
  /** Keys of what has been announced by an event: waits for a start, and the pod's deadline. */
  announced: ReadonlySet<string>
  /** The status as it was last computed; the API's copy may still be older. */
  lastStatus: PodStatus | undefined
  /** When the kubelet first saw the pod. */
  firstSeenMs: number
  limits: BackOffLimits
  nowMs: number
}

/** A run's annotations, as the kubelet hands them to the runtime. */
export const IMAGE = 'image'
export const IMAGE_ID = 'imageID'
/** Directory of this machine that holds the image's files; absent where the program is the host's own. */
export const IMAGE_DIRECTORY = 'imageDirectory'
export const STOP_SIGNAL = 'stopSignal'

/** The runtime's generation in which it was started: the sandbox that it was in. */
export const GENERATION = 'generation'

/** How a run is asked to end, where its container or else its image says so. */
export function stopSignalOf({ annotations }: ContainerState, container?: Container): { signal?: NodeJS.Signals } {
  const signal = container?.lifecycle?.stopSignal || annotations[STOP_SIGNAL]
  return signal === undefined ? {} : { signal: signal as NodeJS.Signals }
}

/** The runs of one container, newest first. */
export const runsOf = ({ runs }: Pick<PodWorld, 'runs'>, name: string): ContainerRun[] =>
  runs.filter((run) => run.name === name).sort((a, b) => b.attempt - a.attempt)

export const isRunning = (run: ContainerRun | undefined): run is ContainerRun => run?.state === 'running'

/** An init container that runs on beside the main containers. */
export const isSidecar = ({ restartPolicy }: Container): boolean => restartPolicy === 'Always'

export const initContainersOf = ({ pod }: Pick<PodWorld, 'pod'>): readonly Container[] => pod.spec.initContainers ?? []

export const allContainersOf = ({ pod }: Pick<PodWorld, 'pod'>): readonly Container[] => [
  ...(pod.spec.initContainers ?? []),
  ...pod.spec.containers,
]

/** Whether a run is, or was, in the sandbox that the pod has now. */
export const isInSandbox = ({ generation }: PodWorld, run: ContainerRun): boolean =>
  run.state === 'running' || (run.annotations[GENERATION] ?? generation) === generation

/** Whether a main container was started in this sandbox: then the plain init containers have done their work. */
export const isPastInit = (world: PodWorld): boolean =>
  world.pod.spec.containers.some(({ name }) => world.runs.some((run) => run.name === name && isInSandbox(world, run)))

/** Whether any main container was ever started. */
export const hasMainRun = (world: PodWorld): boolean =>
  world.pod.spec.containers.some(({ name }) => world.runs.some((run) => run.name === name))

/** Whether a run counts as running: it does, and its postStart hook is behind it. */
export const isUp = (world: PodWorld, run: ContainerRun | undefined): run is ContainerRun =>
  isRunning(run) && !world.postStarts.has(run.id)

/** Whether the container's start-up is over: it is up and its startup probe, if there is one, has succeeded. */
export const isStarted = (world: PodWorld, container: Container, run: ContainerRun | undefined): boolean =>
  isUp(world, run) && (container.startupProbe === undefined || world.probes.get(run.id)?.startup === true)

export const isTerminalPhase = (phase: string | undefined): boolean => phase === 'Succeeded' || phase === 'Failed'

/** Seconds that the pod's containers have to end; upstream's default is also what the API fills in. */
export const graceSecondsOf = ({ spec }: Pod): number => spec.terminationGracePeriodSeconds ?? 30

/** When the pod was first taken on by a kubelet. */
export const startTimeMs = ({ pod, firstSeenMs }: PodWorld): number =>
  pod.status?.startTime === undefined ? firstSeenMs : Date.parse(pod.status.startTime)

/** When `activeDeadlineSeconds` is over, if it is set. */
export function deadlineMs(world: PodWorld): number | undefined {
  const seconds = world.pod.spec.activeDeadlineSeconds
  return seconds === undefined ? undefined : startTimeMs(world) + seconds * 1000
}
