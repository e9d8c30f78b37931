/**
 * Keeps a component's events few, as upstream's event correlator does: the same event again only raises the count of the
 * first; many events that differ in their message alone become one; a source that goes on about one object is cut off.
 */
import type { Event } from '../api/event.ts'
import type { Draft } from '../api/kind.ts'
import { toTime } from '../clock.ts'
import { createLru } from './lru.ts'

export type EventDraft = Draft<Event> & Pick<Event, 'involvedObject'>

/** How many keys each of the three memories holds; the one unused for longest is forgotten. */
const REMEMBERED_MAX = 4096
/** From this many different messages of similar events on, they are combined … */
const SIMILAR_MAX = 10
/** … unless no similar event came for this long. */
const SIMILAR_WINDOW_MS = 10 * 60_000
/** Events that a source may write about one object at once … */
const SPAM_BURST = 25
/** … and how long it takes to earn another. */
const SPAM_REFILL_MS = 5 * 60_000

export type Correlated =
  /** A first event: to be created. */
  | { write: 'create'; event: EventDraft }
  /** A repetition: `event` is the whole event with its new count, in case the one to be patched is gone. */
  | { write: 'patch'; event: EventDraft; patch: { count: number; lastTimestamp: string; message: string } }

export interface Correlator {
  /** What to write for an event that happened at `nowMs`; undefined when it is spam. */
  correlate(event: EventDraft, nowMs: number): Correlated | undefined
}

interface Similar {
  messages: Set<string>
  lastMs: number
}
interface Bucket {
  tokens: number
  filledAtMs: number
}
interface Seen {
  name: string
  firstTimestamp: string | undefined
  count: number
}

const keyOf = (...parts: readonly (string | undefined)[]) => parts.join('\n')

/** Source and object: what spam is counted by. */
function sourceKey({ source, involvedObject: { kind, namespace, name, uid, apiVersion } }: EventDraft): string {
  return keyOf(source?.component, source?.host, kind, namespace, name, uid, apiVersion)
}

/** Similar events differ in their message or field only. */
const similarKey = (event: EventDraft) =>
  keyOf(sourceKey(event), event.type, event.reason, event.reportingComponent, event.reportingInstance)

const eventKey = (event: EventDraft) =>
  keyOf(sourceKey(event), event.involvedObject.fieldPath, event.type, event.reason, event.message)

export function createCorrelator(): Correlator {
  const similars = createLru<Similar>(REMEMBERED_MAX)
  const buckets = createLru<Bucket>(REMEMBERED_MAX)
  const seen = createLru<Seen>(REMEMBERED_MAX)

  /** The event itself, or the one that stands for it and all similar ones; with the key of its memory. */
  function combine(event: EventDraft, nowMs: number): { event: EventDraft; key: string } {
    const key = similarKey(event)
    const known = similars.get(key)
    const isFresh = known !== undefined && nowMs - known.lastMs <= SIMILAR_WINDOW_MS
    const messages = isFresh ? known.messages : new Set<string>()
    messages.add(event.message ?? '')
    similars.set(key, { messages, lastMs: nowMs })
    if (messages.size < SIMILAR_MAX) return { event, key: eventKey(event) }
    // One below the limit, so that the next different message reaches it again and the set grows no further.
    for (const oldest of messages.values().take(1)) messages.delete(oldest)
    const time = toTime(nowMs)
    const message = `(combined from similar events): ${event.message ?? ''}`
    return { event: { ...event, message, firstTimestamp: time, lastTimestamp: time, count: 1 }, key }
  }

  function count(event: EventDraft, key: string): Correlated {
    const previous = seen.get(key)
    const counted: EventDraft =
      previous === undefined
        ? event
        : {
            ...event,
            metadata: { ...event.metadata, name: previous.name },
            firstTimestamp: previous.firstTimestamp,
            count: previous.count + 1,
          }
    const { metadata, firstTimestamp, lastTimestamp = '', message = '', count = 1 } = counted
    seen.set(key, { name: metadata.name ?? '', firstTimestamp, count })
    return previous === undefined
      ? { write: 'create', event: counted }
      : { write: 'patch', event: counted, patch: { count, lastTimestamp, message } }
  }

  function isSpam(event: EventDraft, nowMs: number): boolean {
    const key = sourceKey(event)
    const { tokens, filledAtMs } = buckets.get(key) ?? { tokens: SPAM_BURST, filledAtMs: nowMs }
    const available = Math.min(SPAM_BURST, tokens + (nowMs - filledAtMs) / SPAM_REFILL_MS)
    const isRefused = available < 1
    buckets.set(key, { tokens: isRefused ? available : available - 1, filledAtMs: nowMs })
    return isRefused
  }

  return {
    correlate(event, nowMs) {
      const combined = combine(event, nowMs)
      const correlated = count(combined.event, combined.key)
      return isSpam(event, nowMs) ? undefined : correlated
    },
  }
}
