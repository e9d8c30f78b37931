/**
 * Upstream's `v4.channel.k8s.io` for a port-forward: one connection to each of the ports that the request names, with two
 * channels each, for data and for what goes wrong. Both begin with the port, in two bytes, the lower one first.
 */
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { sendOn, V4 } from './channels.ts'
import type { ForwardTarget } from './port-forward.ts'

export const CHANNEL_FORWARD_PROTOCOL = V4

/** Two channels each, and a channel is a byte. */
const PORTS_MAX = 127
const NORMAL = 1000

/** The ports of a request; says what is wrong with them as a text. */
export function parsePorts(query: string | readonly string[] | undefined): number[] | string {
  const texts = [query ?? []].flat()
  if (texts.length === 0) return 'query parameter "port" is required'
  if (texts.length > PORTS_MAX) return `at most ${PORTS_MAX} ports can be forwarded over one connection`
  const wrong = texts.find((text) => !/^\d{1,5}$/.test(text) || Number(text) < 1 || Number(text) > 65535)
  return wrong === undefined ? texts.map(Number) : `unable to parse ${JSON.stringify(wrong)} as a port`
}

/**
 * Connects for a client that may leave meanwhile. How that fails, and how the connection ends, is found out by whoever
 * reads from it, which is later: until then it is nobody's fault.
 */
function dialUntil(closed: Promise<void>, opened: Promise<Duplex>): Promise<Duplex> {
  opened.then(
    (connection) => {
      connection.on('error', () => undefined)
      void closed.then(() => connection.destroy())
    },
    () => undefined,
  )
  return opened
}

/** Passes one connection on to its end, or tells why there is none. */
async function forward(socket: WebSocket, index: number, opened: Promise<Duplex>): Promise<void> {
  try {
    for await (const chunk of await opened) await sendOn(socket, 2 * index, chunk)
  } catch (error) {
    if (socket.readyState !== socket.OPEN) return
    await sendOn(socket, 2 * index + 1, Buffer.from((error as Error).message))
  }
}

export async function forwardOverChannels(
  socket: WebSocket,
  { dial }: ForwardTarget,
  ports: readonly number[],
): Promise<void> {
  // Nothing that the client sends is lost until the connections are there.
  socket.pause()
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const dialled = ports.map((port) => dialUntil(closed, dial(port)))
  for (const [index, port] of ports.entries())
    for (const channel of [2 * index, 2 * index + 1]) await sendOn(socket, channel, Buffer.of(port & 0xff, port >> 8))
  const connections = await Promise.all(dialled.map((opened) => opened.catch(() => undefined)))
  for (const connection of connections) {
    connection?.on('drain', () => socket.resume())
    // What waited for it is dropped.
    connection?.once('close', () => socket.resume())
  }
  socket.on('message', (message: Buffer) => {
    const connection = connections[message[0]! >> 1]
    if (message[0]! % 2 === 0 && connection?.writable && !connection.write(message.subarray(1))) socket.pause()
  })
  socket.resume()
  await Promise.all(dialled.map((opened, index) => forward(socket, index, opened)))
  socket.resume()
  socket.close(NORMAL)
  await closed
}
