import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { ClusterError } from './cluster-error.ts'

/** A loopback network 127.X.0.0/16 that belongs to one running cluster of this machine. */
export interface Network {
  /** X. */
  octet: number
  /** Leaves the network to others. The end of the process does so too. */
  release(): void
}

/** X of a network: 127.0.0.0/16 is the machine's own. */
const OCTET_MIN = 1
const OCTET_MAX = 254
/** As many draws find a free network even beside a hundred clusters. */
const DRAWS_MAX = 50
/** Who listens here, on an address that no node has, holds the network: the kernel gives it to one process only. */
const RESERVATION_PORT = 10250

/** Listens on the network's reserving address; undefined where another process does. */
async function tryReserve(octet: number): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy()).listen(RESERVATION_PORT, `127.${octet}.0.1`)
  try {
    await once(server, 'listening')
    // Holding a network keeps no process alive.
    return server.unref()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined
    throw error
  }
}

/**
 * Reserves the network that a cluster has had, or a free one for a new cluster. Throws a ClusterError where another
 * cluster runs in it. Only Linux has these addresses; elsewhere there is nothing to share out.
 */
export async function reserveNetwork(known: number | undefined): Promise<Network> {
  if (process.platform !== 'linux') return { octet: known ?? OCTET_MIN, release: () => undefined }
  for (let draw = 1; draw <= (known === undefined ? DRAWS_MAX : 1); draw++) {
    const octet = known ?? randomInt(OCTET_MIN, OCTET_MAX + 1)
    const server = await tryReserve(octet)
    if (server !== undefined) return { octet, release: () => server.close() }
  }
  const which = known === undefined ? 'all that were tried of 127.0.0.0/8' : `127.${known}.0.0/16`
  throw new ClusterError(
    `the pods' addresses (${which}) are in use by another cluster of this machine: stop that one first`,
  )
}
