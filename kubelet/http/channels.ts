/**
 * Upstream's protocols for several streams in one WebSocket: the first byte of each message names its channel. In
 * `v5.channel.k8s.io` a message on channel 255 ends the input; `v4.channel.k8s.io` cannot say that.
 */
import { once } from 'node:events'
import type { WebSocket } from 'ws'
import { type Inputs, type Peer, parseSize } from './peer.ts'

const V5 = 'v5.channel.k8s.io'
export const V4 = 'v4.channel.k8s.io'
export const CHANNEL_PROTOCOLS: readonly string[] = [V5, V4]

const STDIN = 0
const STDOUT = 1
const STDERR = 2
const ERROR = 3
const RESIZE = 4
const CLOSE = 255

const OUTPUTS = { stdout: STDOUT, stderr: STDERR } as const

/** Codes of a closure. */
const NORMAL = 1000
const WRONG_DATA = 1007

/** Sends one message; resolves when there is room for more. Rejects when the client is gone. */
export function sendOn(socket: WebSocket, channel: number, data: Buffer): Promise<void> {
  return new Promise((resolve, reject) =>
    socket.send(Buffer.concat([Buffer.of(channel), data]), { binary: true }, (error) =>
      error ? reject(error) : resolve(),
    ),
  )
}

/** Does not listen while the input is not taken. */
function receive(socket: WebSocket, { stdin, resize }: Inputs): void {
  // An input that is closed takes no more, and drops what comes.
  for (const event of ['drain', 'close']) stdin?.on(event, () => socket.resume())
  const resizeTo = (text: string) => {
    const size = parseSize(text)
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
  socket.resume()
}

/** A client that speaks `CHANNEL_PROTOCOLS`. */
export function channelPeer(socket: WebSocket): Peer {
  // Nothing that the client sends is lost until somebody receives it.
  socket.pause()
  const gone = new AbortController()
  socket.once('close', () => gone.abort())
  if (socket.readyState === socket.CLOSED) gone.abort()
  return {
    gone: gone.signal,
    async announce({ stdout, stderr }) {
      if (stdout) await sendOn(socket, STDOUT, Buffer.alloc(0))
      if (stderr) await sendOn(socket, STDERR, Buffer.alloc(0))
    },
    receive: (inputs) => receive(socket, inputs),
    async send(output, stream) {
      for await (const chunk of stream) await sendOn(socket, OUTPUTS[output], chunk)
    },
    async conclude(status) {
      await sendOn(socket, ERROR, Buffer.from(JSON.stringify(status)))
      // A client whose input waits to be taken must be heard again, to answer.
      socket.resume()
      socket.close(NORMAL)
      await once(socket, 'close')
    },
  }
}
