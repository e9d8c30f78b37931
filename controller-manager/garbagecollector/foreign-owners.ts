/** Owners that are no owners, since they are in another namespace: their dependents are told. Pure. */
import type { OwnerReference } from '../../shared/api/meta.ts'
import { apiVersionOf } from '../../shared/client/resource.ts'
import type { EventSubject } from '../../shared/events/recorder.ts'
import type { Graph, GraphNode } from './graph.ts'

/** A dependent and the reference of its that leads into another namespace. */
export interface ForeignOwner {
  dependent: GraphNode
  reference: OwnerReference
}

const isForeign = (dependent: GraphNode, owner: GraphNode | undefined) =>
  owner?.namespace !== undefined && owner.namespace !== dependent.namespace

/** The references to and from an object that a change of it has brought to light; `old` is what it was before. */
export function foreignOwners(graph: Graph, node: GraphNode, old: GraphNode | undefined): ForeignOwner[] {
  const isKnown = ({ uid }: OwnerReference) => old?.owners.some((owner) => owner.uid === uid) === true
  const own = node.owners
    .filter((reference) => !isKnown(reference) && isForeign(node, graph.get(reference.uid)))
    .map((reference) => ({ dependent: node, reference }))
  // Dependents that were seen before their owner.
  const others = old === undefined ? graph.dependentsOf(node.uid).filter((dependent) => isForeign(dependent, node)) : []
  const referenceTo = (dependent: GraphNode) => dependent.owners.find(({ uid }) => uid === node.uid)!
  return [...own, ...others.map((dependent) => ({ dependent, reference: referenceTo(dependent) }))]
}

/** What an event says of it, in upstream's words. */
export function foreignOwnerMessage({ dependent: { namespace = '' }, reference }: ForeignOwner): string {
  const { apiVersion, kind, name, uid } = reference
  const owner = `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`
  return `ownerRef ${owner} does not exist in namespace ${JSON.stringify(namespace)}`
}

/** An object as events name it. */
export const subjectOf = ({ resource, namespace, name, uid, resourceVersion }: GraphNode): EventSubject => ({
  apiVersion: apiVersionOf(resource),
  kind: resource.kind,
  metadata: { name, uid, resourceVersion, ...(namespace !== undefined && { namespace }) },
})
