/**
 * The launcher's control socket: one request per connection, a line of JSON each way. The directory that holds the
 * socket is the user's alone (0700), so whoever can connect is the user.
 */
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { relative } from 'node:path'
import { createInterface } from 'node:readline'
import type { ComponentStatus } from './component.ts'

export type ControlRequest =
  | { do: 'status' }
  | { do: 'down' }
  | { do: 'node add' | 'node rm' | 'node kill' | 'node start'; name: string }

export interface ControlStatus {
  /** The launcher's own process. */
  pid: number
  server: string
  kubeconfig: string
  components: ComponentStatus[]
}

export type ControlReply = { ok: true; status?: ControlStatus } | { ok: false; message: string }

/** Longest path a Unix socket can have on every system that we run on (macOS: 104 bytes with the closing zero). */
const SOCKET_PATH_BYTES_MAX = 103

/** The shorter of the absolute and the relative form: deep data directories still fit. */
function socketPath(path: string): string {
  const short = relative(process.cwd(), path)
  const best = short.length < path.length ? short : path
  if (Buffer.byteLength(best) > SOCKET_PATH_BYTES_MAX) {
    throw new Error(`the path ${path} is too long for a Unix socket: choose a shorter --data-dir`)
  }
  return best
}

/** Sends one request to the launcher of a running cluster. Undefined: no cluster is running there. */
export async function askLauncher(path: string, request: ControlRequest): Promise<ControlReply | undefined> {
  const socket = connect(socketPath(path))
  try {
    await once(socket, 'connect')
  } catch (error) {
    if (['ENOENT', 'ECONNREFUSED'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
  socket.write(`${JSON.stringify(request)}\n`)
  for await (const line of createInterface({ input: socket })) return JSON.parse(line) as ControlReply
  return { ok: false, message: 'the launcher ended before it answered' }
}

async function answer(socket: Socket, handle: (request: ControlRequest) => Promise<ControlReply>): Promise<void> {
  for await (const line of createInterface({ input: socket })) {
    const reply = await handle(JSON.parse(line) as ControlRequest).catch(
      (error: Error): ControlReply => ({ ok: false, message: error.message }),
    )
    socket.end(`${JSON.stringify(reply)}\n`)
    return
  }
}

/** Takes requests until closed. The socket of a launcher that was killed is taken over; the caller has asked it before. */
export async function serveControl(
  path: string,
  handle: (request: ControlRequest) => Promise<ControlReply>,
): Promise<Server> {
  await rm(path, { force: true })
  const server = createServer((socket) => {
    // A client that goes away before its answer harms nobody.
    socket.on('error', () => socket.destroy())
    answer(socket, handle).catch(() => socket.destroy())
  })
  server.listen(socketPath(path))
  await once(server, 'listening')
  return server
}
