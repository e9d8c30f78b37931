/** Who owns whom, of everything in the cluster, by UID: as the informers know it. */
import type { KubeObject } from '../../shared/api/kind.ts'
import type { OwnerReference } from '../../shared/api/meta.ts'
import type { Resource } from '../../shared/client/resource.ts'

export const ORPHAN = 'orphan'
export const FOREGROUND = 'foregroundDeletion'

/** What the garbage collector keeps of an object. */
export interface GraphNode {
  readonly uid: string
  readonly resource: Resource
  readonly namespace: string | undefined
  readonly name: string
  readonly resourceVersion: string
  readonly owners: readonly OwnerReference[]
  readonly finalizers: readonly string[]
  readonly isDeleting: boolean
}

export const nodeOf = (resource: Resource, { metadata }: KubeObject): GraphNode => ({
  uid: metadata.uid,
  resource,
  namespace: metadata.namespace,
  name: metadata.name,
  resourceVersion: metadata.resourceVersion,
  owners: metadata.ownerReferences ?? [],
  finalizers: metadata.finalizers ?? [],
  isDeleting: metadata.deletionTimestamp !== undefined,
})

/** Whether the object is gone only after those of its dependents that block it. */
export const isWaitingForDependents = ({ isDeleting, finalizers }: Pick<GraphNode, 'isDeleting' | 'finalizers'>) =>
  isDeleting && finalizers.includes(FOREGROUND)

/** Whether the object is gone only after its dependents have been told that they have no owner. */
export const isWaitingForOrphans = ({ isDeleting, finalizers }: Pick<GraphNode, 'isDeleting' | 'finalizers'>) =>
  isDeleting && finalizers.includes(ORPHAN)

export interface Graph {
  get(uid: string): GraphNode | undefined
  /** The objects that name this owner, whether it exists or not. */
  dependentsOf(uid: string): GraphNode[]
  /** Adds or replaces an object; returns what it was before. */
  put(node: GraphNode): GraphNode | undefined
  remove(uid: string): void
}

export function createGraph(): Graph {
  const nodes = new Map<string, GraphNode>()
  const dependents = new Map<string, Set<string>>()

  function unlink({ uid, owners }: GraphNode): void {
    for (const owner of owners) {
      const set = dependents.get(owner.uid)
      set?.delete(uid)
      if (set?.size === 0) dependents.delete(owner.uid)
    }
  }

  function link({ uid, owners }: GraphNode): void {
    for (const owner of owners) {
      const set = dependents.get(owner.uid)
      if (set === undefined) dependents.set(owner.uid, new Set([uid]))
      else set.add(uid)
    }
  }

  return {
    get: (uid) => nodes.get(uid),
    dependentsOf: (uid) => [...(dependents.get(uid) ?? [])].flatMap((dependent) => nodes.get(dependent) ?? []),
    put(node) {
      const old = nodes.get(node.uid)
      if (old !== undefined) unlink(old)
      link(node)
      nodes.set(node.uid, node)
      return old
    },
    remove(uid) {
      const old = nodes.get(uid)
      if (old === undefined) return
      unlink(old)
      nodes.delete(uid)
    },
  }
}
