/**
 * A component's health over plain HTTP, for the health checks of containers and service managers, and its metrics where
 * it has any. It tells nothing but whether and how the component works, no names and no content, so it needs no
 * credentials; it listens on loopback, as the kubelet's port does upstream.
 */
import { once } from 'node:events'
import type { Server, ServerResponse } from 'node:http'
import type { Flags, FlagValues } from './flags.ts'
import type { Metric } from './metrics/metric.ts'

/** Named as the kubelet's of upstream. Off by default: several components of one machine would want the same port. */
export const healthFlags = {
  'healthz-port': {
    type: 'number',
    default: 0,
    min: 0,
    max: 65535,
    description: 'Port that answers /healthz, /readyz and /metrics over plain HTTP; 0: none.',
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

const TEXT = 'text/plain; charset=utf-8'

function send(response: ServerResponse, status: number, text: string, contentType = TEXT): void {
  response.writeHead(status, { 'content-type': contentType, 'x-content-type-options': 'nosniff' })
  response.end(text)
}

/** Makes the text of metrics, with what is known of the process itself; loaded for the first who asks. */
function createMetricsPage(metrics: readonly Metric[]) {
  const scraper = import('./metrics/scrape.ts').then(({ createScraper }) => createScraper(metrics))
  return async () => (await scraper)()
}

/**
 * Serves the health of a component. `ready` resolves when it works; `metrics` are what it counts. Resolves with the open server, or with undefined
 * where the flags want none; rejects where the port cannot be had.
 */
export async function serveHealth(
  flags: FlagValues<typeof healthFlags>,
  ready: Promise<unknown>,
  metrics: readonly Metric[] = [],
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
  let scrape: ReturnType<typeof createMetricsPage> | undefined
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0]!
    if (path === '/metrics' && metrics.length > 0) {
      scrape ??= createMetricsPage(metrics)
      scrape().then(
        ({ text, contentType }) => send(response, 200, text, contentType),
        (error: Error) => send(response, 500, `${error.message}\n`),
      )
      return
    }
    const isWell = PATHS[path]?.(isReady)
    if (isWell === undefined) send(response, 404, '404 page not found\n')
    else send(response, isWell ? 200 : 503, isWell ? 'ok' : 'not ready')
  })
  server.listen(port, address)
  await once(server, 'listening')
  return server
}
