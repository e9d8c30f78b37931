/** Writes core/v1 Events about objects, in the background: what `kubectl describe` and `kubectl get events` show. */
import type { Client } from '../client/client.ts'
import { events } from '../client/resources.ts'
import { type Clock, delay, toTime } from '../clock.ts'
import { isApiError } from '../errors.ts'
import type { Logger } from '../log.ts'
import { type Correlated, createCorrelator, type EventDraft } from './correlator.ts'

/** Events that wait to be written; while so many do, further ones are dropped, counted and logged. */
const QUEUED_MAX = 1000
/** How often one event is tried while the API server is away: for a good two minutes. */
const TRIES_MAX = 20
const BACK_OFF_MIN_MS = 100
const BACK_OFF_MAX_MS = 10_000
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

const isTransient = (error: unknown) => isApiError(error, 'ServiceUnavailable', 'TooManyRequests', 'Timeout')

/** Expected where the event's namespace is going or gone, or another process chose the same name. */
const isHarmless = (error: unknown) =>
  isApiError(error, 'AlreadyExists', 'NotFound') ||
  (isApiError(error, 'Forbidden') && error.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating'))

const backOffMs = (tries: number) => Math.min(BACK_OFF_MAX_MS, BACK_OFF_MIN_MS * 2 ** (tries - 1))

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
  const queue: EventDraft[] = []
  const closing = new AbortController()
  let dropped = 0
  let isClosed = false
  let working: Promise<void> | undefined

  async function writeOnce(correlated: Correlated): Promise<void> {
    const { event } = correlated
    if (correlated.write === 'patch') {
      try {
        await client.patch(events, event.metadata as { name: string; namespace: string }, {
          type: 'strategic',
          body: correlated.patch,
        })
        return
      } catch (error) {
        // It has expired since, or was never written: the repetition becomes the event.
        if (!isApiError(error, 'NotFound')) throw error
      }
    }
    await client.create(events, event)
  }

  function giveUp(event: EventDraft, error: unknown): void {
    const { reason, message, involvedObject } = event
    const fields = { reason, message, involvedObject, error: String(error) }
    if (isHarmless(error)) logger.debug(fields, 'Event was refused')
    else logger.warn(fields, 'Event could not be written')
  }

  async function write(event: EventDraft): Promise<void> {
    const correlated = correlator.correlate(event, clock.nowMs())
    if (correlated === undefined) return
    for (let tries = 1; ; tries++) {
      try {
        return await writeOnce(correlated)
      } catch (error) {
        if (!isApiError(error)) throw error
        if (!isTransient(error) || tries === TRIES_MAX || closing.signal.aborted) return giveUp(event, error)
      }
      // Closing ends the wait, for one last try.
      await delay(clock, backOffMs(tries), closing.signal).catch(() => undefined)
    }
  }

  async function work(): Promise<void> {
    for (let event = queue.shift(); event !== undefined; event = queue.shift()) await write(event)
    // Told when the rest is written: while they come too fast there would be no end of it.
    if (dropped > 0) logger.warn({ dropped, queuedMax: QUEUED_MAX }, 'Too many events at once: some were dropped')
    dropped = 0
    working = undefined
  }

  return {
    event({ apiVersion, kind, metadata }, type, reason, message, { fieldPath } = {}) {
      if (isClosed || queue.length >= QUEUED_MAX) {
        dropped++
        return
      }
      const { name, namespace, uid, resourceVersion } = metadata
      const nowMs = clock.nowMs()
      const time = toTime(nowMs)
      queue.push({
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
      })
      working ??= work()
    },

    async close() {
      isClosed = true
      if (working === undefined) return
      // What fails from now on is not waited for: each event has one last try.
      closing.abort()
      const { promise: deadline, resolve } = Promise.withResolvers<void>()
      const cancel = clock.after(FLUSH_MAX_MS, resolve)
      await Promise.race([working, deadline])
      cancel()
      const lost = dropped + queue.splice(0).length
      if (lost > 0) logger.warn({ lost }, 'Closed before all events were written')
    },
  }
}
