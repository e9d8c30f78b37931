import type { CacheEvent } from './cache.ts'

/** Changes of a resource that its cache remembers, for watches that begin in the past, and the bytes of their objects. */
const HISTORY_EVENTS_MAX = 5000
const HISTORY_BYTES_MAX = 16 * 1024 * 1024

export interface History {
  /** The oldest revision after which every change is remembered. */
  readonly start: number
  /** Remembers a change and forgets the oldest beyond the bounds. */
  push(event: CacheEvent): void
  /** The changes after `revision`, which is not before `start`. */
  after(revision: number): readonly CacheEvent[]
}

const sizeOf = ({ current, previous }: CacheEvent) => (current ?? previous)!.json.length

/** The history of a resource whose changes are known from revision `start` on. */
export function createHistory(start: number): History {
  let events: CacheEvent[] = []
  /** Events before this index are forgotten; they are cut off when they are half of the array. */
  let first = 0
  let bytes = 0
  const forgetOldest = () => {
    const oldest = events[first++]!
    bytes -= sizeOf(oldest)
    start = oldest.revision
  }
  return {
    get start() {
      return start
    },
    push(event) {
      events.push(event)
      bytes += sizeOf(event)
      while (events.length - first > HISTORY_EVENTS_MAX || (bytes > HISTORY_BYTES_MAX && events.length - first > 1))
        forgetOldest()
      if (first > events.length / 2) {
        events = events.slice(first)
        first = 0
      }
    },
    after(revision) {
      let [low, high] = [first, events.length]
      while (low < high) {
        const middle = (low + high) >>> 1
        if (events[middle]!.revision <= revision) low = middle + 1
        else high = middle
      }
      return events.slice(low)
    },
  }
}
