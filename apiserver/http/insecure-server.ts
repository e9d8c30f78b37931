/**
 * The port for teaching: plain HTTP, where everybody on this machine is an administrator. It listens on loopback alone,
 * and like the other one keeps web pages away.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connectionOptions } from './connection-limits.ts'

/** No other address: who could reach it could start programs as the user. */
const LOOPBACK = '127.0.0.1'
const LOCAL_HOST = /^(localhost|127(\.\d{1,3}){3})(:\d*)?$/i

export interface InsecureServer {
  server: Server
  listen(port: number): Promise<number>
  close(): Promise<void>
}

/** Whether a request came by plain HTTP. */
export const isInsecure = ({ socket }: Pick<IncomingMessage, 'socket'>): boolean => !('encrypted' in socket)

/** Whether a Host header names this machine, as it must where no certificate says who is meant. */
export const isLocalHost = (host: string | undefined): boolean => host === undefined || LOCAL_HOST.test(host)

export function createInsecureServer({
  handle,
  onUpgrade,
  onConnection,
  requestTimeoutMs,
}: {
  handle(request: IncomingMessage, response: ServerResponse): void
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  onConnection(socket: Socket): void
  requestTimeoutMs: number
}): InsecureServer {
  const options = { ...connectionOptions(requestTimeoutMs), requestTimeout: requestTimeoutMs }
  const server = createServer(options, handle)
  server.on('upgrade', onUpgrade).on('connection', onConnection)
  return {
    server,
    async listen(port) {
      server.listen(port, LOOPBACK)
      await once(server, 'listening')
      return (server.address() as AddressInfo).port
    },
    async close() {
      server.closeIdleConnections()
      const closed = once(server, 'close')
      server.close()
      await closed
    },
  }
}
