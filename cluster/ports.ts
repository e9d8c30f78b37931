import { once } from 'node:events'
import { createServer } from 'node:net'
import { ClusterError } from './cluster-error.ts'

/** The port itself where it is free, or any free one for 0. Throws a ClusterError where something listens on it. */
export async function freePort(address: string, port: number): Promise<number> {
  const server = createServer().listen(port, address)
  try {
    await once(server, 'listening')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') {
      throw new ClusterError(
        `port ${port} of ${address} is in use: stop what listens there, or choose another with --port (0 = any free one)`,
      )
    }
    if (code === 'EADDRNOTAVAIL')
      throw new ClusterError(`this machine has no address ${address}: choose another with --bind-address`)
    throw new ClusterError(`cannot listen on port ${port} of ${address} (${message}): choose another with --port`)
  }
  const { port: bound } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return bound
}
