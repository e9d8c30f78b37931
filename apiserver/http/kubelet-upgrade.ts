/** Connections to kubelets and pods that speak something else than HTTP: they are asked for here, and then joined to a client's. */
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Clock } from '../../shared/clock.ts'
import { ANSWER_TIMEOUT_MS, limitSteps } from './dial.ts'
import type { ClientConnection } from './exchange.ts'
import type { KubeletClientOptions } from './kubelet-proxy.ts'

export type UpgradeAnswer =
  /** `head` is the whole head of the kubelet's answer, for the client; `first` is what came right behind it. */
  { is: 'upgraded'; head: string; socket: Duplex; first: Buffer } | { is: 'refused'; statusCode: number; text: string }

export interface UpgradeRequest {
  method: string
  path: string
  headers: OutgoingHttpHeaders
}

/** How much is read of what it says instead of changing the protocol. */
const REFUSAL_BYTES_MAX = 64 * 1024
/** After this long without a word the machine at the other end is asked whether it is still there. */
const KEEP_ALIVE_MS = 30_000

function headOf({ statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  const lines = [`HTTP/1.1 ${statusCode} ${statusMessage}`]
  for (let index = 0; index < rawHeaders.length; index += 2)
    lines.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}

/** The beginning of an answer's body, after which its connection is closed: it may have no end. */
async function refusalText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= REFUSAL_BYTES_MAX) break
  }
  return Buffer.concat(chunks).subarray(0, REFUSAL_BYTES_MAX).toString()
}

/** Asks a kubelet, or by `isTls` any other server, to speak another protocol. Throws whatever the connection fails with. */
export async function requestUpgrade(
  { host, port, isTls = true }: { host: string; port: number; isTls?: boolean },
  { method, path, headers }: UpgradeRequest,
  { certificate, key, authority, clock }: KubeletClientOptions & { clock?: Clock },
): Promise<UpgradeAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<UpgradeAnswer>()
  const identity = { cert: certificate, key, ca: authority, rejectUnauthorized: authority !== undefined }
  const options = { host, port, method, path, headers, agent: false as const, timeout: ANSWER_TIMEOUT_MS }
  const asked = isTls ? httpsRequest({ ...options, ...identity }) : httpRequest(options)
  asked.once('error', reject)
  const hasAnswered = limitSteps(asked, { isTls }, clock)
  asked.once('upgrade', (response, socket, first) => {
    hasAnswered()
    resolve({ is: 'upgraded', head: headOf(response), socket, first })
  })
  asked.once('response', (response) => {
    const { statusCode = 502 } = response
    refusalText(response).then((body) => resolve({ is: 'refused', statusCode, text: body }), reject)
  })
  asked.end()
  return promise
}

/** Joins a client to what a kubelet has opened. Resolves when both connections are closed: one of them, or the signal, ends both. */
export async function join(
  client: ClientConnection,
  { head, socket, first }: Extract<UpgradeAnswer, { is: 'upgraded' }>,
  signal: AbortSignal,
): Promise<void> {
  const ends = [client.socket, socket] as Socket[]
  const destroy = () => ends.forEach((end) => void end.destroy())
  const closed = ends.map((end) => new Promise((resolve) => end.once('close', resolve)))
  for (const end of ends) {
    end.setNoDelay(true)
    end.setKeepAlive(true, KEEP_ALIVE_MS)
    // Its `close` follows.
    end.once('error', () => undefined)
  }
  signal.addEventListener('abort', destroy, { once: true })
  client.socket.once('close', destroy)
  // What the kubelet sent last still has to reach the client.
  socket.once('close', () => client.socket.end(() => client.socket.destroy()))
  if (signal.aborted || ends.some((end) => end.destroyed)) return destroy()
  client.socket.write(head)
  client.socket.write(first)
  socket.write(client.head)
  client.socket.pipe(socket)
  socket.pipe(client.socket)
  await Promise.all(closed)
}
