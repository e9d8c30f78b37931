/**
 * A controller's own writes, until its caches show them (client-go's mutation cache). So that a decision never rests on
 * an object as it was before the controller itself changed it.
 */
import type { KubeObject } from '../api/kind.ts'

export interface WrittenObjects<Object extends KubeObject> {
  /** Keeps what the server answered to a write. */
  put(written: Object): void
  /** The newer one of what the cache shows and what was written; the latter is forgotten when the cache has caught up. */
  newest(cached: Object): Object
  /** The object is gone, or no longer of interest. */
  forget(uid: string): void
}

/** Holds at most as many objects as the caches do, provided that whoever uses it forgets those that are gone. */
export function createWrittenObjects<Object extends KubeObject>(): WrittenObjects<Object> {
  const byUid = new Map<string, Object>()
  const version = ({ metadata }: KubeObject) => Number(metadata.resourceVersion)
  return {
    put: (written) => byUid.set(written.metadata.uid, written),
    newest(cached) {
      const written = byUid.get(cached.metadata.uid)
      if (written === undefined) return cached
      if (version(written) > version(cached)) return written
      byUid.delete(cached.metadata.uid)
      return cached
    },
    forget: (uid) => byUid.delete(uid),
  }
}
