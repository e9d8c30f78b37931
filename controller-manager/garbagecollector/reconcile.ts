/** What becomes of an object for the sake of its owners, or of its dependents for its own. Pure. */
import type { OwnerReference } from '../../shared/api/meta.ts'
import type { Plan } from '../../shared/controller/plan.ts'
import { FOREGROUND, type GraphNode, isWaitingForDependents, isWaitingForOrphans, ORPHAN } from './graph.ts'

export type PropagationPolicy = 'Orphan' | 'Background' | 'Foreground'

export type GcAction =
  | { do: 'delete'; propagationPolicy: PropagationPolicy }
  /** Removes references to owners that are gone from an object that others still own. */
  | { do: 'dropOwners'; uids: readonly string[] }
  /** Lets its owners be gone before the object: a circle of owners that wait for each other is cut. */
  | { do: 'unblockOwners' }
  /** Removes the reference to the object from its dependents. */
  | { do: 'orphanDependents'; dependents: readonly GraphNode[] }
  /** Has dependents looked at that keep the object from being gone. */
  | { do: 'visitDependents'; dependents: readonly GraphNode[] }
  | { do: 'removeFinalizer'; finalizer: string }

/**
 * What an owner is to an object: `solid`: it keeps the object; `absent`: it does not exist, for certain; `waiting`: it
 * is being deleted in the foreground and waits for this object to be gone.
 */
export type OwnerState = 'solid' | 'absent' | 'waiting'

export interface GcWorld {
  dependents: readonly GraphNode[]
  stateOf(owner: OwnerReference): OwnerState
}

const blocks = ({ owners }: GraphNode, uid: string) =>
  owners.some((owner) => owner.uid === uid && owner.blockOwnerDeletion === true)

export function reconcileOwnership(node: GraphNode, { dependents, stateOf }: GcWorld): Plan<GcAction> {
  if (isWaitingForOrphans(node)) return { actions: orphaning(dependents) }
  if (isWaitingForDependents(node)) return { actions: foreground(node, dependents) }
  if (node.isDeleting || node.owners.length === 0) return { actions: [] }
  const withState = (state: OwnerState) => node.owners.filter((owner) => stateOf(owner) === state)
  const [solid, absent, waiting] = [withState('solid'), withState('absent'), withState('waiting')]
  if (solid.length > 0) {
    const uids = [...absent, ...waiting].map(({ uid }) => uid)
    return { actions: uids.length === 0 ? [] : [{ do: 'dropOwners', uids }] }
  }
  if (waiting.length > 0 && dependents.length > 0) {
    const isCircle = dependents.some(isWaitingForDependents)
    return {
      actions: [
        ...(isCircle ? [{ do: 'unblockOwners' } as const] : []),
        { do: 'delete', propagationPolicy: 'Foreground' },
      ],
    }
  }
  return { actions: [{ do: 'delete', propagationPolicy: policyOf(node) }] }
}

/** The finalizers that the object brings along say how it wants to go. */
function policyOf({ finalizers }: GraphNode): PropagationPolicy {
  if (finalizers.includes(ORPHAN)) return 'Orphan'
  return finalizers.includes(FOREGROUND) ? 'Foreground' : 'Background'
}

function orphaning(dependents: readonly GraphNode[]): GcAction[] {
  const actions: GcAction[] = [{ do: 'removeFinalizer', finalizer: ORPHAN }]
  return dependents.length === 0 ? actions : [{ do: 'orphanDependents', dependents }, ...actions]
}

function foreground(node: GraphNode, dependents: readonly GraphNode[]): GcAction[] {
  const blocking = dependents.filter((dependent) => blocks(dependent, node.uid))
  if (blocking.length === 0) return [{ do: 'removeFinalizer', finalizer: FOREGROUND }]
  const unvisited = blocking.filter((dependent) => !isWaitingForDependents(dependent))
  return unvisited.length === 0 ? [] : [{ do: 'visitDependents', dependents: unvisited }]
}
