/** What requests are counted by. A request costs a look-up and a few additions; texts are made when somebody asks. */

import {
  addHistogram,
  createHistogram,
  type Histogram,
  histogramValues,
  type Labels,
  type Metric,
  observe,
} from '../../shared/metrics/metric.ts'
import { type Call, groupVersionOf, type Outcome } from '../http/call.ts'
import type { Endpoint } from '../http/exchange.ts'

/** Upstream's buckets of request durations, in seconds. */
const DURATION_BOUNDS = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
]

/** Upstream's names of the verbs of authorization. */
const VERBS: Readonly<Record<string, string>> = { create: 'POST', update: 'PUT' }

interface Tally {
  labels: Labels
  code: number
  durations: Histogram
}

export interface RequestMetrics {
  /** Counts a request that has been answered. */
  completed(call: Call, outcome: Outcome, nowMs: number): void
  /** The counter of the watch events of an endpoint. */
  eventsOf(endpoint: Endpoint): { count: number }
  metrics: Metric[]
}

export interface RequestMetricsOptions {
  /** Requests that are being served at present. */
  inFlight: Readonly<Record<'readOnly' | 'mutating', number>>
  /** Requests whose answers go on. */
  running(): Iterable<Call>
}

const scopeOf = ({ request }: Call): string => {
  if (request?.name !== undefined) return 'resource'
  return request?.namespace !== undefined ? 'namespace' : 'cluster'
}

const isApply = ({ raw }: Call) => raw.headers['content-type']?.startsWith('application/apply-patch') === true

function labelsOf(call: Call): Labels {
  const { endpoint, verb } = call
  const { group = '', plural = '', subresource = '' } = endpoint?.resource ?? {}
  const name = verb === 'patch' && isApply(call) ? 'APPLY' : (VERBS[verb] ?? verb.toUpperCase())
  return {
    verb: name,
    group,
    version: groupVersionOf(endpoint?.path ?? '').version,
    resource: plural,
    subresource,
    scope: plural === '' ? '' : scopeOf(call),
    component: 'apiserver',
  }
}

/** Where no endpoint is: a client may ask for any path with any method, so these are counted together. */
const NOWHERE: Endpoint = { path: '', handlers: {} }

const isDryRun = ({ request }: Call) => request?.query.dryRun !== undefined

export function createRequestMetrics(options: RequestMetricsOptions): RequestMetrics {
  const tallies = new Map<Endpoint, Map<string, Tally>>()
  const events = new Map<string, { labels: Labels; counter: { count: number } }>()

  const tallyOf = (call: Call, code: number): Tally => {
    const endpoint = call.endpoint ?? NOWHERE
    let ofEndpoint = tallies.get(endpoint)
    if (ofEndpoint === undefined) {
      ofEndpoint = new Map()
      tallies.set(endpoint, ofEndpoint)
    }
    const verb = endpoint === NOWHERE ? 'other' : call.verb
    const id = `${code}${verb}${isDryRun(call) ? '-dry' : ''}${verb === 'patch' && isApply(call) ? '-apply' : ''}`
    let tally = ofEndpoint.get(id)
    if (tally === undefined) {
      const labels = {
        ...labelsOf(endpoint === NOWHERE ? { ...call, verb } : call),
        dry_run: isDryRun(call) ? 'All' : '',
      }
      tally = { labels, code, durations: createHistogram(DURATION_BOUNDS) }
      ofEndpoint.set(id, tally)
    }
    return tally
  }
  const all = () => [...tallies.values()].flatMap((ofEndpoint) => [...ofEndpoint.values()])

  /** Durations are not told apart by code. */
  function durations(name: string) {
    const merged = new Map<string, { labels: Labels; histogram: Histogram }>()
    for (const { labels, durations } of all()) {
      const id = JSON.stringify(labels)
      const found = merged.get(id) ?? { labels, histogram: createHistogram(DURATION_BOUNDS) }
      addHistogram(found.histogram, durations)
      merged.set(id, found)
    }
    return [...merged.values()].flatMap(({ labels, histogram }) => histogramValues(name, labels, histogram))
  }

  function longRunning() {
    const counts = new Map<string, { labels: Labels; value: number }>()
    for (const call of options.running()) {
      const labels = labelsOf(call)
      const id = JSON.stringify(labels)
      counts.set(id, { labels, value: (counts.get(id)?.value ?? 0) + 1 })
    }
    return [...counts.values()]
  }

  return {
    completed(call, { code }, nowMs) {
      observe(tallyOf(call, code).durations, Math.max(0, nowMs - call.receivedMs) / 1000)
    },
    eventsOf(endpoint) {
      const { group = '', plural: resource = '' } = endpoint.resource ?? {}
      const labels = { group, version: groupVersionOf(endpoint.path).version, resource }
      const id = JSON.stringify(labels)
      const found = events.get(id) ?? { labels, counter: { count: 0 } }
      events.set(id, found)
      return found.counter
    },
    metrics: [
      {
        name: 'apiserver_request_total',
        help: 'Requests that have been answered.',
        type: 'counter',
        values: () =>
          all().map(({ labels, code, durations }) => ({
            labels: { ...labels, code: String(code) },
            value: durations.counts.reduce((sum, count) => sum + count, 0),
          })),
      },
      {
        name: 'apiserver_request_duration_seconds',
        help: 'Seconds from a request to the end of its answer.',
        type: 'histogram',
        values: () => durations('apiserver_request_duration_seconds'),
      },
      {
        name: 'apiserver_current_inflight_requests',
        help: 'Requests that are being served at present, without those that go on.',
        type: 'gauge',
        values: () =>
          Object.entries(options.inFlight).map(([kind, value]) => ({ labels: { request_kind: kind }, value })),
      },
      {
        name: 'apiserver_longrunning_requests',
        help: 'Requests whose answers go on: watches, logs.',
        type: 'gauge',
        values: longRunning,
      },
      {
        name: 'apiserver_watch_events_total',
        help: 'Events that were sent to watches.',
        type: 'counter',
        values: () => [...events.values()].map(({ labels, counter }) => ({ labels, value: counter.count })),
      },
    ],
  }
}
