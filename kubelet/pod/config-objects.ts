import type { KubeObject } from '../../shared/api/kind.ts'
import type { Container, Pod } from '../../shared/api/pod/pod.ts'
import type { Client } from '../../shared/client/client.ts'
import type { Resource } from '../../shared/client/resource.ts'
import { configMaps, secrets } from '../../shared/client/resources.ts'
import { isApiError } from '../../shared/errors.ts'
import { type ConfigEntries, ConfigError, configNames } from './environment.ts'

const decode = (data: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]))

/** Reads the named objects, each once; a missing one is `undefined`. Throws a ConfigError where the API cannot be asked. */
async function read<Object extends KubeObject>(
  client: Client,
  resource: Resource<Object>,
  {
    names,
    namespace,
    entries,
  }: { names: readonly string[]; namespace: string; entries(object: Object): ConfigEntries },
): Promise<Map<string, ConfigEntries>> {
  const one = async (name: string): Promise<[string, ConfigEntries]> => {
    try {
      return [name, entries(await client.get(resource, { namespace, name }))]
    } catch (error) {
      if (isApiError(error, 'NotFound')) return [name, undefined]
      if (isApiError(error))
        throw new ConfigError(`failed to read ${resource.kind} ${namespace}/${name}: ${error.message}`)
      throw error
    }
  }
  return new Map(await Promise.all(names.map(one)))
}

/** The ConfigMaps and Secrets that a container's environment refers to, as text. */
export async function readConfigObjects(client: Client, pod: Pod, container: Container) {
  const names = configNames(container)
  const namespace = pod.metadata.namespace ?? ''
  const [maps, secretMaps] = await Promise.all([
    read(client, configMaps, { names: names.configMaps, namespace, entries: ({ data = {} }) => data }),
    read(client, secrets, { names: names.secrets, namespace, entries: ({ data = {} }) => decode(data) }),
  ])
  return { configMaps: maps, secrets: secretMaps }
}
