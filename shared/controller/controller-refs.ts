/** Who owns what by selector: a controller adopts orphans that match it and releases what it owns and no longer matches. */
import type { KubeObject } from '../api/kind.ts'
import type { OwnerReference } from '../api/meta.ts'
import type { Client, ObjectKey } from '../client/client.ts'
import type { Resource } from '../client/resource.ts'
import { conflict, isApiError, notFound } from '../errors.ts'
import { controllerOf } from './indexes.ts'

export interface Claims<Object extends KubeObject> {
  /** What the controller has, or has once `adopt` is done. */
  owned: readonly Object[]
  adopt: readonly Object[]
  release: readonly Object[]
}

/** Pure: sorts the objects of the controller's namespace by what it is to them. A controller on its way out claims nothing new. */
export function planClaims<Object extends KubeObject>(
  { metadata }: KubeObject,
  candidates: readonly Object[],
  matches: (object: Object) => boolean,
): Claims<Object> {
  const owned: Object[] = []
  const adopt: Object[] = []
  const release: Object[] = []
  const isGoing = metadata.deletionTimestamp !== undefined
  for (const object of candidates) {
    if (object.metadata.namespace !== metadata.namespace) continue
    const controller = controllerOf(object)
    if (controller === undefined) {
      if (isGoing || object.metadata.deletionTimestamp !== undefined || !matches(object)) continue
      adopt.push(object)
      owned.push(object)
    } else if (controller.uid === metadata.uid) {
      if (matches(object)) owned.push(object)
      else if (!isGoing) release.push(object)
    }
  }
  return { owned, adopt, release }
}

/** The reference by which a managing controller owns an object. */
export const controllerRef = ({ apiVersion, kind, metadata: { name, uid } }: KubeObject): OwnerReference => ({
  apiVersion,
  kind,
  name,
  uid,
  controller: true,
  blockOwnerDeletion: true,
})

const keyOfObject = ({ metadata: { name, namespace } }: KubeObject): ObjectKey => ({
  name,
  ...(namespace !== undefined && { namespace }),
})

/**
 * Makes `controller` the owner of an object. Before the first adoption of a sync, call `checkMayAdopt`. The patch names
 * the object's UID: it is refused where the name has been taken by another object. `finalizer` is added to it. Returns the object as it then is.
 */
export async function adopt<Object extends KubeObject>(
  client: Client,
  resource: Resource<Object>,
  { controller, object, finalizer }: { controller: KubeObject; object: Object; finalizer?: string },
): Promise<Object> {
  const finalizers = finalizer !== undefined && { finalizers: [finalizer] }
  const body = { metadata: { uid: object.metadata.uid, ownerReferences: [controllerRef(controller)], ...finalizers } }
  return client.patch(resource, keyOfObject(object), { type: 'strategic', body })
}

/**
 * Ends the ownership, and takes `finalizer` off. Returns the object as it then is; nothing where it is gone, or owned by
 * nobody meanwhile: it needs no release.
 */
export async function release<Object extends KubeObject>(
  client: Client,
  resource: Resource<Object>,
  { controller, object, finalizer }: { controller: KubeObject; object: Object; finalizer?: string },
): Promise<Object | undefined> {
  const ownerReferences = [{ $patch: 'delete', uid: controller.metadata.uid }]
  const finalizers = finalizer !== undefined && { '$deleteFromPrimitiveList/finalizers': [finalizer] }
  try {
    const body = { metadata: { uid: object.metadata.uid, ownerReferences, ...finalizers } }
    return await client.patch(resource, keyOfObject(object), { type: 'strategic', body })
  } catch (error) {
    if (!isApiError(error, 'NotFound', 'Invalid', 'Conflict')) throw error
    return undefined
  }
}

/** Reads the controller from the server and throws where it is another one by now or is being deleted: it must not adopt. */
export async function checkMayAdopt(client: Client, resource: Resource, controller: KubeObject): Promise<void> {
  const { group, plural } = resource
  const { name, uid } = controller.metadata
  const subject = { group, resource: plural, name }
  const { metadata } = await client.get(resource, keyOfObject(controller))
  if (metadata.uid !== uid) throw notFound(subject)
  if (metadata.deletionTimestamp !== undefined) throw conflict(subject, 'it is being deleted and adopts nothing')
}
