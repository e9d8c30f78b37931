/**
 * Connections that have not brought a request yet. Whoever opens many and sends slowly would otherwise keep everyone else
 * out until the time for headers is over: beyond a bound the oldest is closed, which has had its time.
 */
import type { Socket } from 'node:net'

/** Far more than clients with something to say need at one moment. */
const NEW_CONNECTIONS_MAX = 1000

export interface NewConnections {
  add(socket: Socket): void
  /** Notes that a connection has brought the head of a request whose sender is known. */
  settle(socket: Socket): void
}

/** A connection and its TLS side are two sockets; what names both is the client's address. */
const nameOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`

export function createNewConnections(max: number = NEW_CONNECTIONS_MAX): NewConnections {
  const sockets = new Map<string, Socket>()
  return {
    add(socket) {
      const name = nameOf(socket)
      sockets.set(name, socket)
      socket.once('close', () => {
        if (sockets.get(name) === socket) sockets.delete(name)
      })
      if (sockets.size <= max) return
      const [oldest, first] = sockets.entries().next().value!
      sockets.delete(oldest)
      first.destroy()
    },
    settle(socket) {
      if (sockets.size > 0) sockets.delete(nameOf(socket))
    },
  }
}
