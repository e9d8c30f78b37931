/**
 * Upstream's protocols for several streams in one WebSocket: the first byte of each message names its channel. In
 * `v5.channel.k8s.io` a message on channel 255 ends the input; `v4.channel.k8s.io` cannot say that.
 */
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import type { WebSocket } from 'ws'
import type { TerminalSize } from '../runtime/runtime.ts'

const V5 = 'v5.channel.k8s.io'
const V4 = 'v4.channel.k8s.io'
export const CHANNEL_PROTOCOLS: readonly string[] = [V5, V4]

const STDIN = 0
export const STDOUT = 1
export const STDERR = 2
const ERROR = 3
const RESIZE = 4
const CLOSE = 255

/** Codes of a closure. */
const NORMAL = 1000
const WRONG_DATA = 1007

type Output = typeof STDOUT | typeof STDERR | typeof ERROR

function send(socket: WebSocket, channel: Output, data: Buffer): Promise<void> {
  return new Promise((resolve, reject) =>
    socket.send(Buffer.concat([Buffer.of(channel), data]), { binary: true }, (error) =>
      error ? reject(error) : resolve(),
    ),
  )
}

/** Sends a stream to its end, no faster than the client takes it. Rejects when the client is gone. */
export async function sendAll(socket: WebSocket, channel: Output, stream: AsyncIterable<Buffer>): Promise<void> {
  for await (const chunk of stream) await send(socket, channel, chunk)
}

/** Says which outputs there will be, before there is any: some clients wait for that. */
export async function announce(
  socket: WebSocket,
  { stdout, stderr }: { stdout: boolean; stderr: boolean },
): Promise<void> {
  if (stdout) await send(socket, STDOUT, Buffer.alloc(0))
  if (stderr) await send(socket, STDERR, Buffer.alloc(0))
}

/** Sends how it ended, and closes. */
export async function conclude(socket: WebSocket, status: object): Promise<void> {
  await send(socket, ERROR, Buffer.from(JSON.stringify(status)))
  // A client whose input waits to be taken must be heard again, to answer.
  socket.resume()
  socket.close(NORMAL)
  await once(socket, 'close')
}

/** A message of the resize channel; undefined where it is none. */
function parseSize(text: string): TerminalSize | undefined {
  try {
    const { Width: columns, Height: rows } = JSON.parse(text)
    const isSize = (value: unknown) => Number.isInteger(value) && Number(value) > 0 && Number(value) < 0x10000
    return isSize(columns) && isSize(rows) ? { columns, rows } : undefined
  } catch {
    return undefined
  }
}

export interface Inputs {
  /** Absent: what comes for it is dropped. */
  stdin?: Writable
  resize(size: TerminalSize): void
}

/** Hands what the client sends to its receivers, and does not listen while the input is not taken. */
export function receive(socket: WebSocket, { stdin, resize }: Inputs): void {
  // An input that is closed takes no more, and drops what comes.
  for (const event of ['drain', 'close']) stdin?.on(event, () => socket.resume())
  const resizeTo = (text: string) => {
    const size = parseSize(text)
    // A window that is hidden may have no size.
    if (size !== undefined) resize(size)
  }
  socket.on('message', (message: Buffer) => {
    const data = message.subarray(1)
    switch (message[0]) {
      case STDIN:
        if (stdin?.writable && !stdin.write(data)) socket.pause()
        break
      case RESIZE:
        resizeTo(data.toString())
        break
      case CLOSE:
        if (socket.protocol === V5 && data[0] === STDIN) stdin?.end()
        break
      default:
        socket.close(WRONG_DATA, `unknown channel ${message[0]}`)
    }
  })
}
