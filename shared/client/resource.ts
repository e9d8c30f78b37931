import type { KubeObject } from '../api/kind.ts'

/** How a client addresses a resource; carries the object's type without loading its schema. */
export interface Resource<Object extends KubeObject = KubeObject> {
  /** API group; empty for core. */
  group: string
  version: string
  kind: string
  plural: string
  namespaced: boolean
  /** Never present: ties the descriptor to its object type. */
  readonly object?: Object
}

/** `v1`, `apps/v1`. */
export const apiVersionOf = ({ group, version }: Pick<Resource, 'group' | 'version'>): string =>
  group === '' ? version : `${group}/${version}`

/** The path of a resource or object: `/api/v1/namespaces/default/pods/kubia/status`. */
export function pathOf(
  { group, version, plural, namespaced }: Resource,
  { namespace, name, subresource }: { namespace?: string; name?: string; subresource?: string } = {},
): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  const scope = namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  const object = name === undefined ? '' : `/${encodeURIComponent(name)}`
  return `${root}${scope}/${plural}${object}${subresource === undefined ? '' : `/${subresource}`}`
}
