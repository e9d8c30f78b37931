/**
 * A component's health over plain HTTP, for the health checks of containers and service managers. It tells nothing but
 * whether the component works, so it needs no credentials; it listens on loopback, as the kubelet's port does upstream.
 */
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { Flags, FlagValues } from './flags.ts'

/** Named as the kubelet's of upstream. Off by default: several components of one machine would want the same port. */
export const healthFlags = {
  'healthz-port': {
    type: 'number',
    default: 0,
    min: 0,
    max: 65535,
    description: 'Port that answers /healthz and /readyz over plain HTTP; 0: none.',
  },
  'healthz-bind-address': {
    type: 'string',
    default: '127.0.0.1',
    description: 'Address that --healthz-port is opened on.',
  },
} as const satisfies Flags

/** `/healthz` and `/livez` are answered as long as anything is; `/readyz` says 503 until the component works. */
const PATHS: Readonly<Record<string, (isReady: boolean) => boolean>> = {
  '/healthz': () => true,
  '/livez': () => true,
  '/readyz': (isReady) => isReady,
}

/**
 * Serves the health of a component. `ready` resolves when it works. Resolves with the open server, or with undefined
 * where the flags want none; rejects where the port cannot be had.
 */
export async function serveHealth(
  flags: FlagValues<typeof healthFlags>,
  ready: Promise<unknown>,
): Promise<Server | undefined> {
  const { 'healthz-port': port, 'healthz-bind-address': address } = flags
  if (port === 0) return undefined
  let isReady = false
  // A component that fails to start ends, and says why itself.
  ready.then(
    () => {
      isReady = true
    },
    () => undefined,
  )
  const { createServer } = await import('node:http')
  const server = createServer((request, response) => {
    const answer = PATHS[(request.url ?? '').split('?')[0]!]
    const status = answer === undefined ? 404 : answer(isReady) ? 200 : 503
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' })
    response.end(status === 200 ? 'ok' : status === 503 ? 'not ready' : '404 page not found\n')
  })
  server.listen(port, address)
  await once(server, 'listening')
  return server
}
