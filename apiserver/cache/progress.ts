import type { Clock } from '../../shared/clock.ts'
import { ApiError } from '../../shared/errors.ts'

/** How long a request waits for a revision that the cache has not seen yet, as upstream's watch cache does. */
const WAIT_MS = 3000

interface Waiter {
  revision: number
  resolve(): void
}

/** How far the caches have followed the store, and who waits for them. */
export interface Progress {
  readonly revision: number
  /** Everything up to `revision` has been seen. */
  advance(revision: number): void
  /** Resolves at once or when `revision` has been seen; rejects with a Timeout ApiError, or the signal's reason. */
  waitFor(revision: number, signal?: AbortSignal): Promise<void>
}

const tooNew = (wanted: number, current: number) =>
  new ApiError(504, 'Timeout', `Timeout: Too large resource version: ${wanted}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  })

export function createProgress(clock: Clock, start: number): Progress {
  const waiters = new Set<Waiter>()
  let seen = start

  const wait = (revision: number, signal: AbortSignal | undefined) =>
    new Promise<void>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const end = (settle: () => void) => {
        waiters.delete(waiter)
        cancel()
        signal?.removeEventListener('abort', onAbort)
        settle()
      }
      const onAbort = () => end(() => reject(signal!.reason))
      const waiter: Waiter = { revision, resolve: () => end(resolve) }
      const cancel = clock.after(WAIT_MS, () => end(() => reject(tooNew(revision, seen))))
      waiters.add(waiter)
      signal?.addEventListener('abort', onAbort)
    })

  return {
    get revision() {
      return seen
    },
    advance(revision) {
      seen = revision
      for (const waiter of waiters) if (waiter.revision <= seen) waiter.resolve()
    },
    waitFor: (revision, signal) => (revision <= seen ? Promise.resolve() : wait(revision, signal)),
  }
}
