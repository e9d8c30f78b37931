import { type CacheEvent, type CacheWatch, SlowWatcherError } from './cache.ts'

/** Changes that wait for one watcher. The next one cuts it off: it would be served ever staler news. */
const WATCHER_EVENTS_MAX = 10_000

interface WatcherOptions {
  /** The revision after which the watch begins. */
  after: number
  /** The newest revision that the cache has seen. */
  seen(): number
  signal: AbortSignal
  /** Called once when the watch is over: by its signal, its consumer, its slowness or `end`. */
  onEnd(reason: 'ended' | 'slow'): void
}

/** One watch: a bounded buffer between the cache and whoever consumes it. */
export class Watcher implements CacheWatch {
  readonly #options: WatcherOptions
  readonly #abort = () => this.end()
  #batches: (readonly CacheEvent[])[] = []
  #buffered = 0
  #state: 'open' | 'ended' | 'slow' = 'open'
  #wake: () => void = () => undefined

  constructor(options: WatcherOptions) {
    this.#options = options
    options.signal.addEventListener('abort', this.#abort)
    if (options.signal.aborted) this.end()
  }

  get deliveredRevision(): number {
    const waiting = this.#batches[0]?.[0]
    return waiting === undefined ? Math.max(this.#options.after, this.#options.seen()) : waiting.revision - 1
  }

  /** Hands over changes that follow all earlier ones. */
  push(events: readonly CacheEvent[]): void {
    const { after } = this.#options
    const batch = events[0]!.revision > after ? events : events.filter(({ revision }) => revision > after)
    if (batch.length === 0) return
    this.#buffered += batch.length
    this.#batches.push(batch)
    if (this.#buffered > WATCHER_EVENTS_MAX) this.#finish('slow')
    else this.#wake()
  }

  end(): void {
    this.#finish('ended')
  }

  #finish(state: 'ended' | 'slow'): void {
    if (this.#state !== 'open') return
    this.#state = state
    this.#batches = []
    this.#options.signal.removeEventListener('abort', this.#abort)
    this.#options.onEnd(state)
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly CacheEvent[], void> {
    try {
      while (this.#state === 'open') {
        const batch = this.#take()
        if (batch !== undefined) yield batch
        else await this.#news()
      }
      if (this.#state === 'slow') throw new SlowWatcherError('the watch fell too far behind')
    } finally {
      this.end()
    }
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  #take(): readonly CacheEvent[] | undefined {
    const batches = this.#batches
    if (batches.length === 0) return undefined
    this.#batches = []
    this.#buffered = 0
    return batches.length === 1 ? batches[0] : batches.flat()
  }
}
