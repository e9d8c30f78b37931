/** How many pods a controller asks for, whatever its kind. */
import type { OwnerReference } from '../../shared/api/meta.ts'
import type { Client } from '../../shared/client/client.ts'
import { discoverResources } from '../../shared/client/discovery.ts'
import { pathOf, type Resource } from '../../shared/client/resource.ts'
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

  async function readIfThere(resource: Resource, key: { namespace: string; name: string }, subresource?: 'scale') {
    const path = pathOf(resource, { ...key, ...(subresource !== undefined && { subresource }) })
    try {
      return (await client.request('GET', path)) as ScaleBody
    } catch (error) {
      if (isApiError(error, 'NotFound')) return undefined
      throw error
    }
  }

  async function find(namespace: string, controller: OwnerReference): Promise<Scale> {
    const { name, uid } = controller
    const resource = await resourceOf(controller)
    if (resource === undefined) return { unknown: '' }
    const object = await readIfThere(resource, { namespace, name })
    if (object === undefined || object.metadata.uid !== uid) return { unknown: '' }
    // A ReplicaSet is as large as a rollout lets it be; its Deployment knows how many there should be.
    const owner = object.metadata.ownerReferences?.find((reference) => reference.controller === true)
    if (resource.kind === 'ReplicaSet' && owner?.kind === 'Deployment') return find(namespace, owner)
    const scale = await readIfThere(resource, { namespace, name }, 'scale')
    if (scale !== undefined) return { uid, replicas: scale.spec?.replicas ?? 0 }
    const { group, plural } = resource
    return { unknown: `${group === '' ? plural : `${plural}.${group}`} does not implement the scale subresource` }
  }

  return { find }
}
