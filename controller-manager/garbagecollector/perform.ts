import type { Client, ObjectKey } from '../../shared/client/client.ts'
import { isApiError } from '../../shared/errors.ts'
import type { GraphNode } from './graph.ts'
import type { GcAction } from './reconcile.ts'

type Of<Name extends GcAction['do']> = Extract<GcAction, { do: Name }>

const keyOf = ({ name, namespace }: GraphNode): ObjectKey => ({ name, ...(namespace !== undefined && { namespace }) })

const withoutOwners = (uids: readonly string[]) => uids.map((uid) => ({ $patch: 'delete', uid }))

/** Executors of a plan for `node`. Each write is bound to the version or UID that the plan was made from. */
export function gcExecutors(client: Client, node: GraphNode, visit: (dependent: GraphNode) => void) {
  const { uid, resource, resourceVersion } = node

  async function patchOwners(target: GraphNode, uids: readonly string[]): Promise<void> {
    const body = { metadata: { uid: target.uid, ownerReferences: withoutOwners(uids) } }
    try {
      await client.patch(target.resource, keyOf(target), { type: 'strategic', body })
    } catch (error) {
      // Gone, or another object by now: there is nothing to take from it.
      if (!isApiError(error, 'NotFound', 'Conflict')) throw error
    }
  }

  return {
    async delete({ propagationPolicy }: Of<'delete'>) {
      try {
        await client.delete(resource, keyOf(node), { preconditions: { uid, resourceVersion }, propagationPolicy })
      } catch (error) {
        if (!isApiError(error, 'NotFound')) throw error
      }
    },
    dropOwners: ({ uids }: Of<'dropOwners'>) => patchOwners(node, uids),
    async unblockOwners() {
      const ownerReferences = node.owners.map((owner) => ({ ...owner, blockOwnerDeletion: false }))
      const body = { metadata: { resourceVersion, ownerReferences } }
      await client.patch(resource, keyOf(node), { type: 'merge', body })
    },
    async orphanDependents({ dependents }: Of<'orphanDependents'>) {
      await Promise.all(dependents.map((dependent) => patchOwners(dependent, [uid])))
    },
    async visitDependents({ dependents }: Of<'visitDependents'>) {
      for (const dependent of dependents) visit(dependent)
    },
    async removeFinalizer({ finalizer }: Of<'removeFinalizer'>) {
      const finalizers = node.finalizers.filter((name) => name !== finalizer)
      const body = { metadata: { resourceVersion, finalizers: finalizers.length === 0 ? null : finalizers } }
      try {
        await client.patch(resource, keyOf(node), { type: 'merge', body })
      } catch (error) {
        if (!isApiError(error, 'NotFound')) throw error
      }
    },
  }
}
