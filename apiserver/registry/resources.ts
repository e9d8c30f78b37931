/** Every kind that is served, in front of one store and behind one admission. Kinds may come and go. */
import { randomUUID } from 'node:crypto'
import type { Kind } from '../../shared/api/kind.ts'
import type { Clock } from '../../shared/clock.ts'
import type { AdmissionWorld } from '../admission/admission.ts'
import { admit } from '../admission/chain.ts'
import type { ResourceCache } from '../cache/cache.ts'
import type { Caches } from '../cache/caches.ts'
import type { Storage } from '../storage/storage.ts'
import { chargeQuotas } from './charge-quotas.ts'
import { randomSuffix } from './generated-name.ts'
import type { Resource } from './resource.ts'
import { createTurns } from './turns.ts'

/** What a resource is called among all. */
export type ResourceId = Pick<Kind, 'group' | 'plural'>

export interface Resources {
  /** The kinds that are served, in the order of their coming: another array after each change, and after no other time. */
  kinds(): readonly Kind[]
  /** Throws where there is none. */
  get(id: ResourceId): Resource
  all(): Iterable<Resource>
  /** Serves one more kind. Resolves when what the store has of it is known. Throws where its name is taken. */
  add(kind: Kind): Promise<Resource>
  /** Ends the watches of a kind, and forgets it. What the store has of it stays there. */
  remove(id: ResourceId): Resource
}

interface ResourcesOptions {
  /** Their caches are there already. */
  kinds: readonly Kind[]
  caches: Caches
  storage: Storage
  clock: Clock
  /** What admission knows. */
  world: AdmissionWorld
}

const QUOTAS = { group: '', plural: 'resourcequotas' }

const keyOf = ({ group, plural }: ResourceId) => `${group}/${plural}`

export function createResources(options: ResourcesOptions): Resources {
  const { caches, storage, clock, world } = options
  const resources = new Map<string, Resource>()
  /** Names of kinds that are about to come. */
  const arriving = new Set<string>()
  let kinds: readonly Kind[] = []

  const get = (id: ResourceId): Resource => {
    const found = resources.get(keyOf(id))
    if (found === undefined) throw new Error(`${keyOf(id)} is not served`)
    return found
  }

  function serve(kind: Kind, cache: ResourceCache): Resource {
    const resource: Resource = {
      kind,
      storage,
      cache,
      clock,
      admit: (request) => admit(request, world),
      charge: (request, dryRun) => chargeQuotas(get(QUOTAS), request, dryRun),
      newUid: randomUUID,
      turns: createTurns(),
      newNameSuffix: randomSuffix,
    }
    resources.set(keyOf(kind), resource)
    kinds = [...resources.values()].map((each) => each.kind)
    return resource
  }

  for (const kind of options.kinds) serve(kind, caches.cacheOf(kind))
  return {
    kinds: () => kinds,
    get,
    all: () => resources.values(),
    async add(kind) {
      const key = keyOf(kind)
      if (resources.has(key) || arriving.has(key)) throw new Error(`${key} is served already`)
      arriving.add(key)
      try {
        return serve(kind, await caches.register(kind))
      } finally {
        arriving.delete(key)
      }
    },
    remove(id) {
      const resource = get(id)
      resources.delete(keyOf(id))
      kinds = [...resources.values()].map(({ kind }) => kind)
      caches.unregister(resource.kind)
      return resource
    },
  }
}
