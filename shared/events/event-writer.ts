/** Writes events: those about one object in order, those about different objects side by side. */
import type { Client } from '../client/client.ts'
import { events as eventResource } from '../client/resources.ts'
import { type Clock, delay } from '../clock.ts'
import { isApiError } from '../errors.ts'
import type { Logger } from '../log.ts'
import type { Correlated, EventDraft } from './correlator.ts'

/** Writes under way at once: a burst of events is to leave most of the client's connections to the work itself. */
const WRITES_MAX = 8
/** Events that wait to be written; while so many do, further ones are refused. */
const WAITING_MAX = 10_000
/** How often one event is tried while the API server is away: for a good two minutes. */
const TRIES_MAX = 20
const BACK_OFF_MIN_MS = 100
const BACK_OFF_MAX_MS = 10_000

export interface EventWriter {
  /** Writes an event when its turn comes; false where too many wait. A repetition of one that waits joins it. */
  add(correlated: Correlated): boolean
  /** Resolves when nothing waits or is under way. */
  idle(): Promise<void>
  /** Gives up what is not written yet, and returns how much that is. */
  abandon(): number
}

export interface EventWriterOptions {
  client: Client
  clock: Clock
  logger: Logger
  /** From its abort on nothing is waited for: what fails then has one last try. */
  closing: AbortSignal
}

const isTransient = (error: unknown) => isApiError(error, 'ServiceUnavailable', 'TooManyRequests', 'Timeout')

/** Expected where the event's namespace is going or gone, or another process chose the same name. */
const isHarmless = (error: unknown) =>
  isApiError(error, 'AlreadyExists', 'NotFound') ||
  (isApiError(error, 'Forbidden') && error.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating'))

const backOffMs = (tries: number) => Math.min(BACK_OFF_MAX_MS, BACK_OFF_MIN_MS * 2 ** (tries - 1))

const objectOf = ({ involvedObject: { kind, namespace, name, uid } }: EventDraft) =>
  [kind, namespace, name, uid].join('\n')

/** One write in the place of two of the same event. */
const merged = (first: Correlated, second: Correlated): Correlated =>
  first.write === 'create' ? { write: 'create', event: second.event } : second

export function createEventWriter({ client, clock, logger, closing }: EventWriterOptions): EventWriter {
  /** By object, its events by their names, in the order in which they came. */
  const waiting = new Map<string, Map<string, Correlated>>()
  /** Objects whose turn has not come yet. */
  const queue = new Set<string>()
  const idlers = new Set<() => void>()
  let waitingCount = 0
  let writing = 0
  let isAbandoned = false

  async function writeOnce(correlated: Correlated): Promise<void> {
    const { event } = correlated
    if (correlated.write === 'patch') {
      try {
        await client.patch(eventResource, event.metadata as { name: string; namespace: string }, {
          type: 'strategic',
          body: correlated.patch,
        })
        return
      } catch (error) {
        // It has expired since, or was never written: the repetition becomes the event.
        if (!isApiError(error, 'NotFound')) throw error
      }
    }
    await client.create(eventResource, event)
  }

  function giveUp({ reason, message, involvedObject }: EventDraft, error: unknown): void {
    const fields = { reason, message, involvedObject, error: String(error) }
    if (isAbandoned || isHarmless(error)) logger.debug(fields, 'Event was refused')
    else logger.warn(fields, 'Event could not be written')
  }

  async function write(correlated: Correlated): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await writeOnce(correlated)
      } catch (error) {
        if (!isApiError(error)) throw error
        if (!isTransient(error) || tries === TRIES_MAX || closing.aborted) return giveUp(correlated.event, error)
      }
      // Closing ends the wait, for one last try.
      await delay(clock, backOffMs(tries), closing).catch(() => undefined)
    }
  }

  /** Writes all events of one object, those included that come meanwhile. */
  async function writeAll(object: string): Promise<void> {
    const events = waiting.get(object)!
    for (const [name, correlated] of events) {
      events.delete(name)
      waitingCount--
      await write(correlated)
    }
    waiting.delete(object)
    writing--
    startWrites()
    if (writing === 0) for (const resolve of idlers) resolve()
  }

  function startWrites(): void {
    for (const object of queue) {
      if (writing === WRITES_MAX) return
      queue.delete(object)
      writing++
      void writeAll(object)
    }
  }

  return {
    add(correlated) {
      const object = objectOf(correlated.event)
      const name = correlated.event.metadata.name ?? ''
      const events = waiting.get(object) ?? new Map<string, Correlated>()
      const known = events.get(name)
      if (known === undefined) {
        if (waitingCount >= WAITING_MAX) return false
        waitingCount++
        if (!waiting.has(object)) queue.add(object)
        waiting.set(object, events)
      }
      events.set(name, known === undefined ? correlated : merged(known, correlated))
      startWrites()
      return true
    },
    async idle() {
      if (writing === 0) return
      await new Promise<void>((resolve) => idlers.add(resolve))
    },
    abandon() {
      const count = waitingCount + writing
      isAbandoned = true
      for (const object of queue) waiting.delete(object)
      queue.clear()
      for (const events of waiting.values()) events.clear()
      waitingCount = 0
      return count
    },
  }
}
