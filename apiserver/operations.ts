/** What surrounds the serving of requests: their limits, what is counted, and what is written down. */
import type { Clock } from '../shared/clock.ts'
import type { Logger } from '../shared/log.ts'
import type { Metric } from '../shared/metrics/metric.ts'
import { createScraper, type Scrape } from '../shared/metrics/scrape.ts'
import type { AuditLog } from './audit/audit-log.ts'
import { createAuditor } from './http/audit.ts'
import type { CallObserver } from './http/call.ts'
import { createInFlight, type InFlight, type InFlightLimits } from './http/in-flight.ts'
import { createStreams, type Streams } from './http/streams.ts'
import { VERSION } from './http/system-endpoints.ts'
import { createRequestMetrics } from './metrics/request-metrics.ts'
import type { Resource } from './registry/resource.ts'

export interface RequestLimits {
  /** How long a request may take that is not meant to go on. */
  requestTimeoutMs: number
  /** A watch that does not say how long it wants to go on does so for this long to twice as long. */
  minRequestTimeoutSeconds: number
  inFlight: InFlightLimits
}

/** Upstream's. */
export const REQUEST_LIMITS: RequestLimits = {
  requestTimeoutMs: 60_000,
  minRequestTimeoutSeconds: 1800,
  inFlight: { readOnly: 400, mutating: 200 },
}

export interface OperationsOptions {
  limits: RequestLimits
  /** Of the store. */
  metrics: readonly Metric[]
  /** What is served at present. */
  resources(): Iterable<Pick<Resource, 'kind' | 'cache'>>
  audit?: AuditLog
  clock: Clock
  log: Logger
}

export interface Operations {
  inFlight: InFlight
  streams: Streams
  observers: CallObserver[]
  scrape(): Promise<Scrape>
}

export function createOperations(options: OperationsOptions): Operations {
  const { limits, audit, clock, log } = options
  const inFlight = createInFlight(limits.inFlight)
  const requests = createRequestMetrics({ inFlight: inFlight.current, running: () => streams.running() })
  const streams = createStreams({
    log,
    minRequestTimeoutSeconds: limits.minRequestTimeoutSeconds,
    eventsOf: requests.eventsOf,
  })
  const scrape = createScraper([
    ...requests.metrics,
    ...options.metrics,
    {
      name: 'apiserver_storage_objects',
      help: 'Objects in the store, by resource.',
      type: 'gauge',
      values: () =>
        [...options.resources()].map(({ kind: { group, plural }, cache }) => ({
          labels: { resource: group === '' ? plural : `${plural}.${group}` },
          value: cache.size,
        })),
    },
    {
      name: 'kubernetes_build_info',
      help: 'The version of the API that is served.',
      type: 'gauge',
      values: () => [
        { labels: { major: VERSION.major, minor: VERSION.minor, git_version: VERSION.gitVersion }, value: 1 },
      ],
    },
  ])
  const count: CallObserver = (call, outcome) => requests.completed(call, outcome, clock.nowMs())
  return {
    inFlight,
    streams,
    observers: audit === undefined ? [count] : [count, createAuditor(audit, clock)],
    scrape,
  }
}
