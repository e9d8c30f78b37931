/** How many pods a controller asks for, whatever its kind. */
import type { OwnerReference } from '../../shared/api/meta.ts'
import type { Client } from '../../shared/client/client.ts'
import { discoverResources } from '../../shared/client/discovery.ts'
import { apiVersionOf, pathOf, type Resource } from '../../shared/client/resource.ts'
import { isApiError } from '../../shared/errors.ts'
import type { Scale } from './reconcile.ts'

interface ScaleBody {
  metadata: { uid?: string; ownerReferences?: OwnerReference[] }
  spec?: { replicas?: number }
}

export interface Scales {
  /** The wanted size of a controller; of a Deployment's ReplicaSet, the Deployment's. */
  find(namespace: string, controller: OwnerReference): Promise<Scale>
}

const groupOf = (apiVersion: string) => (apiVersion.includes('/') ? apiVersion.split('/')[0]! : '')

/** Asks the server, which serves the `scale` of every kind that has one in the same form. */
export function createScales(client: Client): Scales {
  let resources: Promise<readonly Resource[]> | undefined

  async function resourceOf({ apiVersion, kind }: OwnerReference): Promise<Resource | undefined> {
    const matches = (resource: Resource) => resource.kind === kind && resource.group === groupOf(apiVersion)
    const known = (await resources)?.find(matches)
    if (known !== undefined) return known
    // The kind may have been added since the last look.
    const asked = discoverResources(client)
    const found = (await asked).find(matches)
    resources = asked
    return found
  }

  async function read(resource: Resource, key: { namespace: string; name: string }, subresource?: 'scale') {
    const path = pathOf(resource, { ...key, ...(subresource !== undefined && { subresource }) })
    return (await client.request('GET', path)) as ScaleBody
  }

  async function find(namespace: string, controller: OwnerReference): Promise<Scale> {
    const { name, uid } = controller
    const resource = await resourceOf(controller)
    if (resource === undefined) return { unknown: '' }
    const key = { namespace, name }
    try {
      const { metadata } = await read(resource, key)
      if (metadata.uid !== uid) return { unknown: '' }
      const owner = metadata.ownerReferences?.find((reference) => reference.controller === true)
      // A ReplicaSet is as large as a rollout lets it be; its Deployment knows how many there should be.
      if (resource.kind === 'ReplicaSet' && owner?.kind === 'Deployment') return await find(namespace, owner)
    } catch (error) {
      if (isApiError(error, 'NotFound')) return { unknown: '' }
      throw error
    }
    try {
      const { spec } = await read(resource, key, 'scale')
      return { uid, replicas: spec?.replicas ?? 0 }
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error
      const { group, plural } = resource
      return { unknown: `${group === '' ? plural : `${plural}.${group}`} does not implement the scale subresource` }
    }
  }

  return { find }
}

/** `apiVersion/kind/name` of a controller, for a map of scales. */
export const controllerKey = ({ uid }: OwnerReference): string => uid
