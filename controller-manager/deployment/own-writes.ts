/**
 * What a controller wrote last for each key. Until its caches show that, a sync would decide on what it has changed
 * itself since, and be refused for it; the event that brings the change brings the key back as well.
 */
import type { KubeObject } from '../../shared/api/kind.ts'
import type { Informer } from '../../shared/controller/informer.ts'

export interface OwnWrites {
  /** The server's answer to a write to an object that `informer` watches. */
  wrote<Object extends KubeObject>(key: string, informer: Informer<Object>, answer: Object): void
  /** Whether the caches show all that was written for the key. */
  areSeen(key: string): boolean
}

type Seeing = Pick<Informer<KubeObject>, 'hasSeen'>

export function createOwnWrites(): OwnWrites {
  const versions = new Map<string, Map<Seeing, string>>()
  return {
    wrote(key, informer, { metadata: { resourceVersion } }) {
      const known = versions.get(key)
      if (known === undefined) versions.set(key, new Map([[informer, resourceVersion]]))
      else known.set(informer, resourceVersion)
    },
    areSeen(key) {
      const pending = [...(versions.get(key) ?? [])].some(([informer, version]) => !informer.hasSeen(version))
      if (!pending) versions.delete(key)
      return !pending
    },
  }
}
