import type { Container, Probe } from '../../shared/api/pod/pod.ts'
import type { Clock } from '../../shared/clock.ts'
import { translateWords } from '../images/paths.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { probeExec } from './exec.ts'
import type { Outcome } from './outcome.ts'
import { portNumber, unknownPort } from './port.ts'

export interface CheckTarget {
  /** The run that is checked. */
  runId: string
  container: Container
  /** Where its ports are. */
  podIp: string
  /** Directory that holds the image's files, where the run has an image. */
  imageDirectory?: string
}

export interface CheckDeps {
  runtime: Pick<Runtime, 'exec'>
  clock: Clock
}

type Handler = (timeout: AbortSignal) => Promise<Outcome>

const error = (message: string): Outcome => ({ is: 'error', message })

/** A check over the network, or what is wrong with its port. */
function networkCheck({ httpGet, tcpSocket, grpc }: Probe, { container, podIp }: CheckTarget): Handler | string {
  if (grpc !== undefined) {
    const { port, service = '' } = grpc
    return async (timeout) => {
      // Rarely used, and HTTP/2 costs memory: loaded by the first such probe.
      const { probeGrpc } = await import('./grpc.ts')
      return probeGrpc({ host: podIp, port, service }, timeout)
    }
  }
  const action = httpGet ?? tcpSocket
  if (action === undefined) return 'missing probe handler'
  const port = portNumber(container, action.port)
  if (port === undefined) return unknownPort(action.port)
  const host = action.host === undefined || action.host === '' ? podIp : action.host
  if (httpGet === undefined) {
    return async (timeout) => (await import('./tcp.ts')).probeTcp({ host, port }, timeout)
  }
  const { scheme = 'HTTP', path = '/', httpHeaders: headers = [] } = httpGet
  return async (timeout) => (await import('./http.ts')).probeHttp({ scheme, host, port, path, headers }, timeout)
}

/** Makes one check, within the probe's timeout. An aborted signal ends it early; its outcome is then of no use. */
export async function check(
  probe: Probe,
  target: CheckTarget,
  { runtime, clock }: CheckDeps,
  signal: AbortSignal,
): Promise<Outcome> {
  const timeoutMs = probe.timeoutSeconds * 1000
  if (probe.exec !== undefined) {
    const { imageDirectory } = target
    const { command: given = [] } = probe.exec
    const command = imageDirectory === undefined ? given : translateWords(imageDirectory, given)
    try {
      return await probeExec(runtime, target.runId, { command, timeoutMs })
    } catch (cause) {
      return error(String((cause as Error).message))
    }
  }
  const handler = networkCheck(probe, target)
  if (typeof handler === 'string') return error(handler)
  const timeout = new AbortController()
  const cancel = clock.after(timeoutMs, () => timeout.abort())
  try {
    return await handler(AbortSignal.any([timeout.signal, signal]))
  } catch (cause) {
    // What the spec names cannot be asked for anything, which is no reason to end for everybody else.
    return error((cause as Error).message)
  } finally {
    cancel()
  }
}
