import type { KubeObject } from '../api/kind.ts'
import type { OwnerReference } from '../api/meta.ts'
import type { IndexFunction } from './store.ts'

/** The reference to the managing controller of an object, if it has one. */
export const controllerOf = ({ metadata }: KubeObject): OwnerReference | undefined =>
  metadata.ownerReferences?.find(({ controller }) => controller === true)

/** Objects by namespace. */
export const byNamespace: IndexFunction<KubeObject> = ({ metadata }) => [metadata.namespace ?? '']

/** Objects by the UID of each of their owners. */
export const byOwnerUid: IndexFunction<KubeObject> = ({ metadata }) =>
  metadata.ownerReferences?.map(({ uid }) => uid) ?? []

/** Pods by the node that they are bound to; empty for those that are not. */
export const byNodeName: IndexFunction<KubeObject & { spec: { nodeName?: string } }> = ({ spec }) => [
  spec.nodeName ?? '',
]

const orphansIn = (namespace: string | undefined) => `orphans/${namespace ?? ''}`

/** Objects by the UID of their managing controller, and those without one by namespace: look up with `candidatesOf`. */
export const byController: IndexFunction<KubeObject> = (object) => [
  controllerOf(object)?.uid ?? orphansIn(object.metadata.namespace),
]

/** All that a controller object may claim or already owns: by a `byController` index named `controller`. */
export const candidatesOf = <Object extends KubeObject>(
  store: { by(index: string, value: string): Object[] },
  { metadata: { uid, namespace } }: KubeObject,
): Object[] => [...store.by('controller', uid), ...store.by('controller', orphansIn(namespace))]
