import type { Clock } from '../shared/clock.ts'
import type { HealthCheck } from './http/health.ts'
import type { Storage } from './storage/storage.ts'

/** How long a part of the server may take to answer. */
const CHECK_MS = 1000

/** Rejects where `work` takes too long: a disk that hangs is not well, though nothing fails. */
function inTime<Value>(work: Promise<Value>, clock: Clock): Promise<Value> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(CHECK_MS, () => reject(new Error(`no answer within ${CHECK_MS} ms`)))
    work.then(resolve, reject).finally(cancel)
  })
}

export interface CheckedParts {
  storage: Storage
  /** Resolves when the caches have seen a revision. */
  cachesReach(revision: number): Promise<void>
  clock: Clock
  /** Whether the server takes requests: it has started, and is not about to end. */
  isServing(): boolean
}

/** What `/livez` looks at, and what `/readyz` looks at beside that. */
export function createHealthChecks({ storage, cachesReach, clock, isServing }: CheckedParts): {
  liveness: HealthCheck[]
  readiness: HealthCheck[]
} {
  const cachesFollow = async () => cachesReach(await storage.currentRevision())
  return {
    liveness: [
      { name: 'ping', check: async () => undefined },
      {
        name: 'storage',
        // No object can have this key; reading it takes the way of every read.
        check: async () => {
          await inTime(storage.get('/health'), clock)
        },
      },
    ],
    readiness: [
      { name: 'watch-cache', check: () => inTime(cachesFollow(), clock) },
      {
        name: 'shutdown',
        check: async () => {
          if (!isServing()) throw new Error('the server is starting or stopping')
        },
      },
    ],
  }
}
