/** What an object's owners are to it; those that the graph does not know are looked up on the server. */
import type { KubeObject } from '../../shared/api/kind.ts'
import type { OwnerReference } from '../../shared/api/meta.ts'
import type { Client } from '../../shared/client/client.ts'
import { apiVersionOf, type Resource } from '../../shared/client/resource.ts'
import { isApiError, noSuchResource } from '../../shared/errors.ts'
import { type Graph, type GraphNode, isWaitingForDependents } from './graph.ts'
import type { OwnerState } from './reconcile.ts'

/** Owners that are known not to exist; a UID never comes back. Beyond it the oldest are looked up again. */
const ABSENT_MAX = 500

export interface OwnerLookup {
  stateOf(owner: OwnerReference): OwnerState
  /** Whether an owner exists that the graph does not show: its end may go unnoticed, so look again. */
  hasUnseen: boolean
}

export function createOwnerResolver({
  client,
  graph,
  resourceFor,
}: {
  client: Client
  graph: Graph
  /** The served resource of a kind; undefined where there is none. */
  resourceFor(apiVersion: string, kind: string): Resource | undefined
}): (node: GraphNode) => Promise<OwnerLookup> {
  const absent = new Set<string>()

  function noteAbsent(key: string): void {
    absent.add(key)
    const [oldest] = absent
    if (absent.size > ABSENT_MAX && oldest !== undefined) absent.delete(oldest)
  }

  const stateOfLiving = (owner: OwnerReference, living: Parameters<typeof isWaitingForDependents>[0]): OwnerState =>
    isWaitingForDependents(living) && owner.blockOwnerDeletion === true ? 'waiting' : 'solid'

  async function lookUp(owner: OwnerReference, namespace: string | undefined): Promise<OwnerState> {
    const resource = resourceFor(owner.apiVersion, owner.kind)
    // Nothing may be concluded from an owner whose kind is not served (any more, or yet).
    if (resource === undefined) throw noSuchResource()
    // Only a namespaced object can have a namespaced owner; such a reference says nothing, so it does no harm either.
    if (resource.namespaced && namespace === undefined) return 'solid'
    const key = { name: owner.name, ...(resource.namespaced && namespace !== undefined && { namespace }) }
    const found = await findObject(client, resource, key)
    if (found?.metadata.uid !== owner.uid) return 'absent'
    const { deletionTimestamp, finalizers = [] } = found.metadata
    return stateOfLiving(owner, { isDeleting: deletionTimestamp !== undefined, finalizers })
  }

  return async ({ owners, namespace }) => {
    const states = new Map<string, OwnerState>()
    let hasUnseen = false
    for (const owner of owners) {
      const known = graph.get(owner.uid)
      if (known !== undefined && (known.namespace === undefined || known.namespace === namespace)) {
        states.set(owner.uid, stateOfLiving(owner, known))
        continue
      }
      // A reference may have the UID right and the rest wrong: it is the whole reference that leads to nothing.
      const key = JSON.stringify([namespace, owner.apiVersion, owner.kind, owner.name, owner.uid])
      const state = absent.has(key) ? 'absent' : await lookUp(owner, namespace)
      if (state === 'absent') noteAbsent(key)
      else hasUnseen = true
      states.set(owner.uid, state)
    }
    return { stateOf: ({ uid }) => states.get(uid) ?? 'solid', hasUnseen }
  }
}

async function findObject(
  client: Client,
  resource: Resource,
  key: { name: string; namespace?: string },
): Promise<KubeObject | undefined> {
  try {
    return await client.get(resource, key)
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined
    throw error
  }
}

/** Finds resources by the version and kind that owner references name; any version of a group leads to its objects. */
export function resourceFinder(resources: () => readonly Resource[]) {
  return (apiVersion: string, kind: string): Resource | undefined => {
    const exact = resources().find((resource) => resource.kind === kind && apiVersionOf(resource) === apiVersion)
    const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
    return exact ?? resources().find((resource) => resource.kind === kind && resource.group === group)
  }
}
