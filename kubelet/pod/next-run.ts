/** Whether a container that is not running is to run, and when: the one answer that plan and status share. */
import type { Container } from '../../shared/api/pod/pod.ts'
import { type BackOff, nextBackOff, restartAtMs } from './back-off.ts'
import {
  type ContainerRun,
  isInSandbox,
  isRunning,
  isSidecar,
  type PodWorld,
  runsOf,
  type StartFailure,
} from './world.ts'

/** A failed pull is shown as ErrImagePull this long, then as ImagePullBackOff until the next attempt. */
const PULL_ERROR_SHOWN_MS = 5_000

/** How long a program that could not be started waits for its first restart, as long as upstream's next look takes. */
const START_ERROR_WAIT_MS = 10_000

/** An event that tells once that something is being delayed. */
export interface Announcement {
  /** Names this one wait. */
  key: string
  /** Whether the start waits for its image, and not after a program that ended. */
  isPull: boolean
  message: string
}

export type NextRun =
  | { is: 'due'; attempt: number; backOff?: BackOff }
  | { is: 'waiting'; untilMs: number; reason: string; message: string; announcement?: Announcement }
  /** It has run and stays ended. */
  | { is: 'over' }

/** How long it takes to write a back-off: `10s`, `1m20s`, `5m0s`. */
function goDuration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}

/** Names a pod as upstream's messages do: `crash_default(UID)`. */
export const podText = ({ metadata }: PodWorld['pod']): string =>
  `${metadata.name}_${metadata.namespace}(${metadata.uid})`

function isRestarted(world: PodWorld, container: Container, run: ContainerRun): boolean {
  const why = world.stops.get(run.id)?.why
  if (isSidecar(container) || why === 'changed') return true
  const policy = world.pod.spec.restartPolicy ?? 'Always'
  const isInit = world.pod.spec.initContainers?.includes(container) ?? false
  // What it had done was lost with the sandbox.
  if (isInit && run.exitCode === 0 && !isInSandbox(world, run)) return true
  if (policy === 'Never') return false
  if (run.exitCode !== 0 || why === 'unhealthy') return true
  return policy === 'Always' && !isInit
}

function waitingForRetry(
  { name, image }: Container,
  { reason, message, atMs, retryAtMs }: StartFailure,
  nowMs: number,
): NextRun {
  if (reason !== 'ErrImagePull') return { is: 'waiting', untilMs: retryAtMs, reason, message }
  const shownUntilMs = Math.min(atMs + PULL_ERROR_SHOWN_MS, retryAtMs)
  if (nowMs < shownUntilMs) return { is: 'waiting', untilMs: shownUntilMs, reason, message }
  const backsOff = `Back-off pulling image "${image}"`
  return {
    is: 'waiting',
    untilMs: retryAtMs,
    reason: 'ImagePullBackOff',
    message: `${backsOff}: ErrImagePull: ${message}`,
    announcement: { key: `${name} ${atMs}`, isPull: true, message: backsOff },
  }
}

function waitingForRestart(world: PodWorld, container: Container, run: ContainerRun): NextRun | undefined {
  const { nowMs, limits } = world
  const endedAtMs = run.finishedAtMs ?? nowMs
  const backOff = world.backOffs.get(container.name)
  const shownUntilMs = run.reason === 'StartError' ? endedAtMs + START_ERROR_WAIT_MS : 0
  if (nowMs < shownUntilMs)
    return {
      is: 'waiting',
      untilMs: shownUntilMs,
      reason: 'RunContainerError',
      message: run.message ?? '',
    }
  const untilMs = restartAtMs(backOff, endedAtMs, limits)
  if (nowMs >= untilMs) return undefined
  const wait = goDuration(backOff?.delayMs ?? 0)
  return {
    is: 'waiting',
    untilMs,
    reason: 'CrashLoopBackOff',
    message: `back-off ${wait} restarting failed container=${container.name} pod=${podText(world.pod)}`,
    announcement: {
      isPull: false,
      key: run.id,
      message: `Back-off restarting failed container ${container.name} in pod ${podText(world.pod)}`,
    },
  }
}

/** What comes next for a container that does not run. Whether its turn has come among the others is the plan's matter. */
export function nextRun(world: PodWorld, container: Container): NextRun {
  const { nowMs, limits } = world
  const [run] = runsOf(world, container.name)
  if (run !== undefined && !isRestarted(world, container, run)) return { is: 'over' }
  const failure = world.failures.get(container.name)
  if (failure !== undefined && nowMs < failure.retryAtMs) return waitingForRetry(container, failure, nowMs)
  if (run === undefined) return { is: 'due', attempt: 0 }
  const waiting = waitingForRestart(world, container, run)
  if (waiting !== undefined) return waiting
  const backOff = nextBackOff(world.backOffs.get(container.name), run.finishedAtMs ?? nowMs, nowMs, limits)
  return { is: 'due', attempt: run.attempt + 1, backOff }
}

/** Whether the container has run and will not run again. */
export const isOver = (world: PodWorld, container: Container): boolean =>
  !isRunning(runsOf(world, container.name)[0]) && nextRun(world, container).is === 'over'
