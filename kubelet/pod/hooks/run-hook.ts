/** The actions of postStart and preStop: upstream's `handlerRunner`. */
import type { Container, LifecycleHandler, Pod } from '../../../shared/api/pod/pod.ts'
import { type Clock, delay } from '../../../shared/clock.ts'
import { translateWords } from '../../images/paths.ts'
import { portNumber, unknownPort } from '../../probes/port.ts'
import type { ContainerState, Runtime } from '../../runtime/runtime.ts'
import { podText } from '../next-run.ts'
import type { PodEvents } from '../pod-events.ts'
import { IMAGE_DIRECTORY } from '../world.ts'

export interface HookTarget {
  pod: Pod
  container: Container
  run: ContainerState
  podIp: string
}

export interface HookDeps {
  runtime: Pick<Runtime, 'exec'>
  clock: Clock
  events: Pick<PodEvents, 'pod'>
  /** Ends the waiting for an answer or for the time; a program that was started runs on in its container. */
  signal: AbortSignal
}

/** A program may run as long as its container: this is the longest that a timer can wait. */
const NO_TIMEOUT_MS = 2 ** 31 - 1

const USER_AGENT = 'kube-lifecycle/1.33'

/** Why a hook failed; nothing where it succeeded. */
type Failure = string | undefined

const ofContainer = ({ pod, container }: HookTarget) =>
  `for Container ${JSON.stringify(container.name)} in Pod ${JSON.stringify(podText(pod))} failed`

async function exec(given: readonly string[], target: HookTarget, { runtime }: HookDeps): Promise<Failure> {
  const directory = target.run.annotations[IMAGE_DIRECTORY]
  const command = directory === undefined ? given : translateWords(directory, given)
  const failed = (error: string, output: string) =>
    `Exec lifecycle hook ([${given.join(' ')}]) ${ofContainer(target)} - error: ${error}, message: ${JSON.stringify(output)}`
  try {
    const { exitCode, output } = await runtime.exec(target.run.id, command, { timeoutMs: NO_TIMEOUT_MS })
    if (exitCode === 0) return undefined
    return failed(`command '${given.join(' ')}' exited with ${exitCode}: ${output}`, output)
  } catch (cause) {
    return failed((cause as Error).message, '')
  }
}

/** Any answer is good, whatever its status: upstream asks no more of it. */
async function httpGet(
  { scheme = 'HTTP', host = '', port, path = '/', httpHeaders = [] }: NonNullable<LifecycleHandler['httpGet']>,
  target: HookTarget,
  { signal, events }: HookDeps,
): Promise<Failure> {
  const number = portNumber(target.container, port)
  const failed = (error: string) => `HTTP lifecycle hook (${path}) ${ofContainer(target)} - error: ${error}`
  if (number === undefined) return failed(unknownPort(port))
  const { callHttp } = await import('../../probes/http.ts')
  const request = { scheme, host: host || target.podIp, port: number, path, headers: httpHeaders }
  const noAnswer = await callHttp(request, USER_AGENT, signal)
  if (noAnswer === undefined) return undefined
  if (!noAnswer.isPlain) return failed(noAnswer.message)
  // Old manifests say HTTPS where they never got it: they go on working, and their authors hear of it.
  const withoutSecrets = httpHeaders.filter(({ name }) => name.toLowerCase() !== 'authorization')
  const plain = { ...request, scheme: 'HTTP', headers: withoutSecrets }
  if ((await callHttp(plain, USER_AGENT, signal)) !== undefined) return failed(noAnswer.message)
  const where = `${request.host}:${number}`
  const message = `request to HTTPS lifecycle hook ${where} got HTTP response, retry with HTTP succeeded`
  events.pod('Warning', 'LifecycleHTTPFallback', message)
  return undefined
}

/** Runs one action to its end, and returns why it failed, if it did: also where it cannot be run. */
export async function runHook(handler: LifecycleHandler, target: HookTarget, deps: HookDeps): Promise<Failure> {
  if (handler.exec !== undefined) return exec(handler.exec.command ?? [], target, deps)
  if (handler.httpGet !== undefined) return httpGet(handler.httpGet, target, deps)
  if (handler.sleep === undefined) return `invalid handler: ${JSON.stringify(handler)}`
  try {
    await delay(deps.clock, handler.sleep.seconds * 1000, deps.signal)
    return undefined
  } catch {
    // Nothing else ends the wait.
    return 'container terminated before sleep hook finished'
  }
}
