/** Clients that no server should have, in a process of their own: what they do comes by IPC; they go on until they are killed. */
import { once } from 'node:events'
import type { TLSSocket } from 'node:tls'
import { openSocket, requestBytes, type Target } from './connection.ts'

export type Abuse =
  /** Connections that send their headers byte by byte. */
  | { do: 'slow headers'; connections: number }
  /** Watches that are never read. */
  | { do: 'deaf watches'; path: string; connections: number }
  /** Connections that send bodies of this size, one after the other. */
  | { do: 'large bodies'; path: string; bytes: number; connections: number }
  /** Watches that are read, of something that does not change. */
  | { do: 'idle watches'; path: string; connections: number }

const BYTE_INTERVAL_MS = 1000
const OPENED_AT_ONCE = 50

/** Closed connections are part of the game. */
async function open(target: Target): Promise<TLSSocket | undefined> {
  try {
    const socket = await openSocket(target)
    socket.on('error', () => socket.destroy())
    return socket
  } catch {
    return undefined
  }
}

async function sendSlowly(target: Target): Promise<void> {
  const bytes = requestBytes(target, 'GET', `/api/v1/pods?${'x'.repeat(2000)}`)
  const socket = await open(target)
  if (socket === undefined) return
  socket.resume()
  let sent = 0
  const timer = setInterval(() => socket.write(bytes.subarray(sent, ++sent)), BYTE_INTERVAL_MS)
  socket.once('close', () => clearInterval(timer))
}

async function watch(target: Target, path: string, isRead: boolean): Promise<void> {
  const socket = await open(target)
  if (socket === undefined) return
  socket.write(requestBytes(target, 'GET', `${path}?watch=1`))
  await Promise.race([once(socket, 'data'), once(socket, 'close')])
  if (!isRead) socket.pause()
}

/** An object that is read, found too large, and refused. */
const largeObject = (bytes: number) => {
  const metadata = { name: 'large' }
  return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { text: 'x'.repeat(bytes - 200) } })
}

async function sendBodies(target: Target, path: string, bytes: number): Promise<void> {
  const request = requestBytes(target, 'POST', path, largeObject(bytes))
  const socket = await open(target)
  if (socket === undefined) return
  const send = () => socket.write(request)
  socket.on('data', send)
  socket.once('close', () => void sendBodies(target, path, bytes))
  send()
}

async function each(connections: number, start: () => Promise<void>): Promise<void> {
  for (let opened = 0; opened < connections; opened += OPENED_AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(OPENED_AT_ONCE, connections - opened) }, start))
}

function begin(target: Target, abuse: Abuse): Promise<void> {
  switch (abuse.do) {
    case 'slow headers':
      return each(abuse.connections, () => sendSlowly(target))
    case 'deaf watches':
      return each(abuse.connections, () => watch(target, abuse.path, false))
    case 'idle watches':
      return each(abuse.connections, () => watch(target, abuse.path, true))
    case 'large bodies':
      return each(abuse.connections, () => sendBodies(target, abuse.path, abuse.bytes))
  }
}

// A socket that nobody reads keeps no process alive.
setInterval(() => undefined, 60_000)

process.once('message', async ({ target, abuse }: { target: Target; abuse: Abuse }) => {
  await begin(target, abuse)
  process.send!('begun')
})
