import { openMemoryStorage } from '../../apiserver/storage/sqlite-storage.ts'
import type { Storage } from '../../apiserver/storage/storage.ts'

export interface HeldStorage {
  storage: Storage
  /** Writes wait from now on, as on a disk that hangs. */
  hold(): void
  /** Lets the writes go that wait, and all others. */
  release(): void
  /** How many writes wait. */
  readonly waiting: number
  /** Reads of single keys fail with this from now on. */
  failReads(error: Error | undefined): void
}

/** The store in memory, on a disk that hangs or fails when a test says so. */
export function openHeldStorage(): HeldStorage {
  const store = openMemoryStorage()
  let gate: PromiseWithResolvers<void> | undefined
  let waiting = 0
  let failure: Error | undefined
  const storage: Storage = {
    range: (prefix, options) => store.range(prefix, options),
    get: (key) => (failure === undefined ? store.get(key) : Promise.reject(failure)),
    async write(write) {
      waiting++
      await gate?.promise
      waiting--
      return store.write(write)
    },
    watch: (after, signal) => store.watch(after, signal),
    currentRevision: () => store.currentRevision(),
    compactedRevision: () => store.compactedRevision(),
    compact: (revision) => store.compact(revision),
    snapshot: (signal) => store.snapshot(signal),
    close: () => store.close(),
  }
  return {
    storage,
    hold() {
      gate = Promise.withResolvers()
    },
    release() {
      gate?.resolve()
      gate = undefined
    },
    get waiting() {
      return waiting
    },
    failReads(error) {
      failure = error
    },
  }
}
