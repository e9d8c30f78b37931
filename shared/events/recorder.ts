/** Writes core/v1 Events about objects, in the background: what `kubectl describe` and `kubectl get events` show. */
import type { Client } from '../client/client.ts'
import { type Clock, toTime } from '../clock.ts'
import type { Logger } from '../log.ts'
import { createCorrelator, type EventDraft } from './correlator.ts'
import { createEventWriter } from './event-writer.ts'

/** How long `close` waits for queued events to be written. */
const FLUSH_MAX_MS = 1_000

/** What an event is about: any object, or as much of it as is known. */
export interface EventSubject {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string; uid?: string; resourceVersion?: string }
}

export interface EventRecorder {
  /**
   * Records that something happened to `object`; returns at once. `reason` is one CamelCase word for machines, `message`
   * a sentence for people; `fieldPath` narrows the object to a part of it, e.g. `spec.containers{kubia}`.
   */
  event(
    object: EventSubject,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    options?: { fieldPath?: string },
  ): void
  /** Writes what is queued, for a bounded time; later events are dropped. */
  close(): Promise<void>
}

export interface EventRecorderOptions {
  client: Client
  /** Who reports: `default-scheduler`, `kubelet`, `replication-controller` …. */
  component: string
  /** The node it runs on, where that matters. */
  host?: string
  clock: Clock
  logger: Logger
}

/** Names as upstream makes them: the object and the time in nanoseconds. The clock's are milliseconds, so the rest is counted. */
function createNamer(): (name: string, nowMs: number) => string {
  // Components that begin elsewhere seldom take the same number in the same millisecond.
  let count = Math.floor(Math.random() * 1_000_000)
  return (name, nowMs) => {
    count = (count + 1) % 1_000_000
    return `${name}.${(BigInt(nowMs) * 1_000_000n + BigInt(count)).toString(16)}`
  }
}

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { client, component, host, clock, logger } = options
  const correlator = createCorrelator()
  const nameFor = createNamer()
  const closing = new AbortController()
  const writer = createEventWriter({ client, clock, logger, closing: closing.signal })
  let dropped = 0
  let isClosed = false

  /** Counts, and tells once for all that are dropped until the others are written. */
  function drop(): void {
    dropped++
    if (dropped > 1) return
    void writer.idle().then(() => {
      if (dropped > 0) logger.warn({ dropped }, 'Too many events at once: some were dropped')
      dropped = 0
    })
  }

  return {
    event({ apiVersion, kind, metadata }, type, reason, message, { fieldPath } = {}) {
      if (isClosed) return
      const { name, namespace, uid, resourceVersion } = metadata
      const nowMs = clock.nowMs()
      const time = toTime(nowMs)
      const draft: EventDraft = {
        apiVersion: 'v1',
        kind: 'Event',
        // Events are namespaced; those about cluster-scoped objects are kept in `default`.
        metadata: { name: nameFor(name, nowMs), namespace: namespace ?? 'default' },
        involvedObject: { kind, namespace, name, uid, apiVersion, resourceVersion, fieldPath },
        reason,
        message,
        source: { component, host },
        firstTimestamp: time,
        lastTimestamp: time,
        count: 1,
        type,
        reportingComponent: component,
        reportingInstance: host ?? '',
      }
      const correlated = correlator.correlate(draft, nowMs)
      if (correlated !== undefined && !writer.add(correlated)) drop()
    },

    async close() {
      isClosed = true
      // What fails from now on is not waited for: each event has one last try.
      closing.abort()
      const { promise: deadline, resolve } = Promise.withResolvers<void>()
      const cancel = clock.after(FLUSH_MAX_MS, resolve)
      await Promise.race([writer.idle(), deadline])
      cancel()
      const lost = dropped + writer.abandon()
      dropped = 0
      if (lost > 0) logger.warn({ lost }, 'Closed before all events were written')
    },
  }
}
