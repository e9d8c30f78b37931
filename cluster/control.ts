/**
 * The launcher's control socket: one request per connection, a line of JSON each way; before the answer there may be
 * lines that tell what is waited for. The directory that holds the
 * socket is the user's alone (0700), so whoever can connect is the user.
 */
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { Disturbance } from '../kubelet/runtime/supervisor/ask.ts'
import { socketAddress } from '../shared/unix-socket.ts'
import type { ComponentStatus } from './component.ts'
import type { Invitation } from './join/invitation.ts'

export type NodeVerb = 'add' | 'rm' | 'start' | 'kill' | 'freeze' | 'thaw' | 'partition' | 'heal'
export type ComponentVerb = 'start' | 'kill' | 'freeze' | 'thaw'

export type ControlRequest =
  | { do: 'status' }
  | { do: 'down' }
  | { do: 'invite' }
  | { do: 'node'; verb: NodeVerb; name: string }
  | { do: 'slow node'; name: string; delayMs: number }
  | { do: 'component'; verb: ComponentVerb; name: string }
  | { do: 'pod'; how: Disturbance; name: string; namespace: string }

export interface ControlStatus {
  /** The launcher's own process. */
  pid: number
  server: string
  /** The administrator's; absent on a machine that is only a node of a cluster. */
  kubeconfig?: string
  components: ComponentStatus[]
}

export type ControlReply =
  | { ok: true; status?: ControlStatus; invitation?: Invitation }
  | { ok: false; message: string }

/** Tells whoever waits for an answer what it is that takes its time. */
export type TellWait = (what: string) => void

/** Carries out a request. */
export type ControlHandler = (request: ControlRequest, tellWait: TellWait) => Promise<ControlReply>

/** Sends one request to the launcher of a running cluster. Undefined: no cluster is running there. */
export async function askLauncher(
  path: string,
  request: ControlRequest,
  tellWait: TellWait = (what) => console.error(`waiting for ${what} …`),
): Promise<ControlReply | undefined> {
  if (!existsSync(path)) return undefined
  const address = socketAddress(path)
  const socket = connect(address.path)
  try {
    await once(socket, 'connect')
  } catch (error) {
    if (['ENOENT', 'ECONNREFUSED'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  } finally {
    address.release()
  }
  socket.write(`${JSON.stringify(request)}\n`)
  for await (const line of createInterface({ input: socket })) {
    const said = JSON.parse(line) as ControlReply | { waitsFor: string }
    if (!('waitsFor' in said)) return said
    tellWait(said.waitsFor)
  }
  return { ok: false, message: 'the launcher ended before it answered' }
}

async function answer(socket: Socket, handle: ControlHandler): Promise<void> {
  const tellWait: TellWait = (waitsFor) => socket.write(`${JSON.stringify({ waitsFor })}\n`)
  for await (const line of createInterface({ input: socket })) {
    const reply = await handle(JSON.parse(line) as ControlRequest, tellWait).catch(
      (error: Error): ControlReply => ({ ok: false, message: error.message }),
    )
    socket.end(`${JSON.stringify(reply)}\n`)
    return
  }
}

/** Takes requests until closed. The socket of a launcher that was killed is taken over; the caller has asked it before. */
export async function serveControl(path: string, handle: ControlHandler): Promise<Server> {
  await rm(path, { force: true })
  const server = createServer((socket) => {
    // A client that goes away before its answer harms nobody.
    socket.on('error', () => socket.destroy())
    answer(socket, handle).catch(() => socket.destroy())
  })
  const address = socketAddress(path)
  server.listen(address.path)
  await once(server, 'listening')
  address.release()
  await chmod(path, 0o600)
  return server
}
