import type { Client } from './client.ts'
import { apiVersionOf, type Resource } from './resource.ts'

/** A resource as the server says that it serves it. */
export interface DiscoveredResource extends Resource {
  verbs: readonly string[]
}

interface GroupList {
  groups: { name: string; preferredVersion: { version: string } }[]
}
interface ResourceList {
  resources: { name: string; kind: string; namespaced: boolean; verbs: string[] }[]
}

/** Every resource that the server serves, in the preferred version of its group, without subresources. */
export async function discoverResources(client: Client): Promise<DiscoveredResource[]> {
  const { groups } = (await client.request('GET', '/apis')) as GroupList
  const versions = groups.map(({ name, preferredVersion }) => ({ group: name, version: preferredVersion.version }))
  const lists = [{ group: '', version: 'v1' }, ...versions].map(async ({ group, version }) => {
    const path = `/${group === '' ? 'api' : 'apis'}/${apiVersionOf({ group, version })}`
    const { resources } = (await client.request('GET', path)) as ResourceList
    return resources
      .filter(({ name }) => !name.includes('/'))
      .map(({ name, kind, namespaced, verbs }) => ({ group, version, kind, plural: name, namespaced, verbs }))
  })
  return (await Promise.all(lists)).flat()
}
