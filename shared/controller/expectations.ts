/**
 * What a controller has done but its cache does not show yet, by UID (upstream's ControllerExpectations). While anything
 * is expected of a key the cache is known to be stale, and nothing is created or deleted on what it says; so that no
 * delay of the watch, however long, makes one pod too many.
 */
import type { Clock } from '../clock.ts'

/** After this the events are taken for lost, and the cache for true. */
const EXPECTATIONS_TIMEOUT_MS = 5 * 60_000

export interface Expectations {
  /** An object was created that the cache has not seen. */
  expectCreation(key: string, uid: string): void
  /** An object was deleted that the cache still shows as living. */
  expectDeletion(key: string, uid: string): void
  /** The cache shows the created object. */
  creationObserved(uid: string): void
  /** The cache shows that the object is going or gone. */
  deletionObserved(uid: string): void
  /** Whether the cache shows everything that was done for the key, or it took too long. */
  isSatisfied(key: string): boolean
  /** The object of the key is gone. */
  forget(key: string): void
}

interface Expected {
  creations: Set<string>
  deletions: Set<string>
  sinceMs: number
}

export function createExpectations({
  clock,
  timeoutMs = EXPECTATIONS_TIMEOUT_MS,
}: {
  clock: Clock
  timeoutMs?: number
}): Expectations {
  const byKey = new Map<string, Expected>()
  const keysByUid = new Map<string, string>()

  function expectedOf(key: string): Expected {
    const known = byKey.get(key)
    if (known !== undefined) return known
    const fresh: Expected = { creations: new Set(), deletions: new Set(), sinceMs: clock.nowMs() }
    byKey.set(key, fresh)
    return fresh
  }

  function expect(key: string, what: 'creations' | 'deletions', uid: string): void {
    const expected = expectedOf(key)
    expected[what].add(uid)
    expected.sinceMs = clock.nowMs()
    keysByUid.set(uid, key)
  }

  function observed(what: 'creations' | 'deletions', uid: string): void {
    const key = keysByUid.get(uid)
    const expected = key === undefined ? undefined : byKey.get(key)
    if (key === undefined || expected === undefined) return
    expected[what].delete(uid)
    if (!expected.creations.has(uid) && !expected.deletions.has(uid)) keysByUid.delete(uid)
    if (expected.creations.size + expected.deletions.size === 0) byKey.delete(key)
  }

  function forget(key: string): void {
    const expected = byKey.get(key)
    if (expected === undefined) return
    for (const uid of [...expected.creations, ...expected.deletions]) keysByUid.delete(uid)
    byKey.delete(key)
  }

  return {
    expectCreation: (key, uid) => expect(key, 'creations', uid),
    expectDeletion: (key, uid) => expect(key, 'deletions', uid),
    creationObserved: (uid) => observed('creations', uid),
    // Whatever is gone has also been created; the cache may have been too late to show it living.
    deletionObserved(uid) {
      observed('creations', uid)
      observed('deletions', uid)
    },
    isSatisfied(key) {
      const expected = byKey.get(key)
      if (expected === undefined) return true
      if (clock.nowMs() - expected.sinceMs < timeoutMs) return false
      forget(key)
      return true
    },
    forget,
  }
}
