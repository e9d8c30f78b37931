/** One question to a node's supervisor from somebody else than its kubelet. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { socketAddress } from '../../../shared/unix-socket.ts'
import { pathsOf } from './paths.ts'
import {
  type Event,
  encode,
  lineDecoder,
  type Method,
  type Params,
  type Reply,
  type Request,
  type Result,
} from './protocol.ts'

export type { Disturbance } from './protocol.ts'

async function connectTo(rootDirectory: string): Promise<Socket> {
  const { path, release } = socketAddress(pathsOf(rootDirectory).socket)
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return socket
  } finally {
    release()
  }
}

/** Connects, asks and leaves. Throws what the connection fails with, or the supervisor's refusal. */
export async function askSupervisor<Name extends Method>(
  rootDirectory: string,
  method: Name,
  params: Params<Name>,
): Promise<Result<Name>> {
  const socket = await connectTo(rootDirectory)
  const { promise, resolve, reject } = Promise.withResolvers<Result<Name>>()
  const decode = lineDecoder<Reply | Event>((message) => {
    if ('event' in message) return
    if ('error' in message) reject(new Error(message.error.message))
    else resolve(message.result as Result<Name>)
  })
  socket.on('data', decode)
  socket.on('error', reject)
  socket.on('close', () => reject(new Error('the supervisor ended before it answered')))
  socket.write(encode({ id: 1, method, params } as Request))
  return promise.finally(() => socket.destroy())
}
