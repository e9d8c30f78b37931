/** A store with caches over it, for tests of the caches. */
import type { Test } from 'tap'
import { type Caches, startCaches } from '../../../apiserver/cache/caches.ts'
import { encodeStored } from '../../../apiserver/codec/encode.ts'
import { storageKeyOf } from '../../../apiserver/storage/keys.ts'
import { openMemoryStorage } from '../../../apiserver/storage/sqlite-storage.ts'
import type { Storage } from '../../../apiserver/storage/storage.ts'
import { configMap } from '../../../shared/api/config-map.ts'
import type { Kind, KubeObject } from '../../../shared/api/kind.ts'
import { systemClock } from '../../../shared/clock.ts'
import { createLogger } from '../../../shared/log.ts'

/** Namespaced objects with the field by which pods are indexed. */
export const pods: Kind = {
  ...(configMap as unknown as Kind),
  kind: 'Pod',
  plural: 'pods',
  selectableFields: { 'spec.nodeName': (object) => (object as Bound).spec?.nodeName ?? '' },
}
export const nodes: Kind = { ...(configMap as unknown as Kind), kind: 'Node', plural: 'nodes', namespaced: false }

export interface Bound extends KubeObject {
  spec?: { nodeName?: string }
}

export const logger = createLogger('test', 'error')

export interface Content {
  labels?: Record<string, string>
  nodeName?: string
  owner?: string
}

export const objectOf = (kind: Kind, key: string, { labels, nodeName, owner }: Content = {}): Bound => {
  const [namespace, name] = kind.namespaced ? key.split('/') : [undefined, key]
  return {
    kind: kind.kind,
    apiVersion: 'v1',
    metadata: {
      name: name!,
      ...(namespace !== undefined && { namespace }),
      uid: key,
      resourceVersion: '',
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...(labels !== undefined && { labels }),
      ...(owner !== undefined && { ownerReferences: [{ apiVersion: 'v1', kind: 'RC', name: 'rc', uid: owner }] }),
    },
    ...(nodeName !== undefined && { spec: { nodeName } }),
  }
}

/** Writes an object, or deletes it where `content` is undefined, over revision `expected`. Returns the revision. */
export async function write(
  storage: Storage,
  kind: Kind,
  { key, expected, content }: { key: string; expected: number; content: Content | undefined },
): Promise<number> {
  const value = content && encodeStored(objectOf(kind, key, content))
  const result = await storage.write({ key: storageKeyOf(kind, key), value, expected })
  if (!result.written) throw new Error(`${key} was not written`)
  return result.revision
}

/** Caches of pods and nodes over a store, an empty one by default. */
export async function openCaches(
  t: Test,
  storage: Storage = openMemoryStorage(),
): Promise<Caches & { storage: Storage }> {
  const caches = await startCaches({ storage, kinds: [pods, nodes], clock: systemClock, logger })
  t.teardown(async () => {
    await caches.close()
    await storage.close()
  })
  return { ...caches, storage }
}
