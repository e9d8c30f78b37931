/**
 * Watches of the store. A feed is a position in the log of revisions. While its consumer keeps up it is handed the
 * changes as they are committed; when it does not, it forgets them and reads the log from its position, so a slow
 * consumer costs a bounded amount of memory, and hand-over in either direction is a comparison of two numbers.
 */
import { CompactedError, type StorageEvent } from './storage.ts'

/** Committed changes that a feed holds for its consumer before it falls back to the log. */
const FEED_EVENTS_MAX = 1024
/** Changes that one read of the log fetches. */
const LOG_BATCH = 500

interface Feed {
  /** Everything up to this revision has been handed out. */
  position: number
  /** Changes that follow `position` without a gap; undefined: they have to be read from the log. */
  pending: StorageEvent[] | undefined
  wake(): void
}

interface Source {
  /** The newest revision that may be shown. */
  visible(): number
  floor(): number
  changes(after: number, upTo: number, limit: number): StorageEvent[]
}

export class Feeds {
  readonly #source: Source
  readonly #open = new Set<Feed>()
  #ended = false
  #failure: Error | undefined

  constructor(source: Source) {
    this.#source = source
  }

  /** Hands committed, durable changes to every feed. `visible()` already includes them. */
  publish(changes: readonly StorageEvent[]): void {
    for (const feed of this.#open) {
      if (feed.pending !== undefined) {
        for (const change of changes) if (change.revision > feed.position) feed.pending.push(change)
        if (feed.pending.length > FEED_EVENTS_MAX) feed.pending = undefined
      }
      feed.wake()
    }
  }

  /** Ends every feed, now and to come: with the error, or regularly. */
  end(failure?: Error): void {
    this.#ended = true
    this.#failure ??= failure
    for (const feed of this.#open) feed.wake()
  }

  async *watch(after: number, signal: AbortSignal): AsyncGenerator<readonly StorageEvent[], void> {
    const feed: Feed = { position: after, pending: undefined, wake: () => undefined }
    const wake = () => feed.wake()
    signal.addEventListener('abort', wake)
    this.#open.add(feed)
    try {
      while (!signal.aborted && !this.#ended) {
        const batch = this.#take(feed)
        if (batch.length > 0) yield batch
        else await new Promise<void>((resolve) => Object.assign(feed, { wake: resolve }))
      }
      if (this.#failure !== undefined && !signal.aborted) throw this.#failure
    } finally {
      this.#open.delete(feed)
      signal.removeEventListener('abort', wake)
    }
  }

  #take(feed: Feed): readonly StorageEvent[] {
    const batch = feed.pending ?? this.#read(feed)
    const visible = this.#source.visible()
    const last = batch.at(-1)
    if (last !== undefined) feed.position = last.revision
    if (feed.pending !== undefined || batch.length < LOG_BATCH) {
      feed.position = Math.max(feed.position, visible)
      feed.pending = []
    }
    return batch
  }

  #read({ position }: Feed): StorageEvent[] {
    if (position < this.#source.floor()) throw new CompactedError(this.#source.floor())
    return this.#source.changes(position, this.#source.visible(), LOG_BATCH)
  }
}
