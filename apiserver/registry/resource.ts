import type { Kind } from '../../shared/api/kind.ts'
import type { Clock } from '../../shared/clock.ts'
import type { Subject } from '../../shared/errors.ts'
import type { AdmissionRequest } from '../admission/admission.ts'
import type { Identity } from '../auth/identity.ts'
import type { CachedObject, ResourceCache } from '../cache/cache.ts'
import type { Storage } from '../storage/storage.ts'
import type { Turns } from './turns.ts'

/** One kind as the registry serves it: what it is, where it is kept, what guards its writes. */
export interface Resource {
  kind: Kind
  storage: Storage
  cache: ResourceCache
  clock: Clock
  /** Runs a write through admission. Throws the first refusal. */
  admit(request: AdmissionRequest): void
  /** Takes what a write uses off its namespace's quotas; nothing, at once, where there is none. Throws Forbidden. */
  charge(request: AdmissionRequest, dryRun: boolean): Promise<void> | undefined
  /** Where writers of one object wait who have been overtaken. */
  turns: Turns
  newUid(): string
  /** The five characters that make a generated name unique. */
  newNameSuffix(): string
}

/** Which object a request is about. */
export interface Target {
  /** Absent for cluster-scoped kinds. */
  namespace?: string
  name: string
}

/** What every write carries beside its object. */
export interface WriteOptions {
  identity: Identity
  /** Who owns the fields that the write sets: the client's `fieldManager`, or the name of its program. */
  manager: string
  /** Do everything but the write itself. */
  dryRun: boolean
}

/** `namespace/name` or `name`: an object's key in its cache. */
export const cacheKeyOf = ({ namespace, name }: Target): string =>
  namespace === undefined ? name : `${namespace}/${name}`

/** What an error says of an object of this kind: `pods "x"`. */
export const subjectOf = ({ kind }: Pick<Resource, 'kind'>, name: string, subresource?: string): Subject => ({
  group: kind.group,
  resource: subresource === undefined ? kind.plural : `${kind.plural}/${subresource}`,
  name,
})

/** The same where validation speaks: `Pod "x"`. */
export const kindSubject = (kind: Pick<Kind, 'group' | 'kind'>, name: string): Subject => ({
  group: kind.group,
  resource: kind.kind,
  name,
})

/** Waits until the cache shows everything that is in the store now, whichever server wrote it. */
export async function catchUp({ storage, cache }: Pick<Resource, 'storage' | 'cache'>): Promise<void> {
  const revision = await storage.currentRevision()
  if (cache.revision < revision) await cache.waitFor(revision)
}

/** An object as of now; undefined where there is none. */
export async function readNow(resource: Resource, target: Target): Promise<CachedObject | undefined> {
  await catchUp(resource)
  return resource.cache.get(cacheKeyOf(target))
}
