import type { KubeObject } from '../../shared/api/kind.ts'
import { isApiError } from '../../shared/errors.ts'
import { API_SERVER } from '../auth/identity.ts'
import { decodeValue } from '../codec/decode.ts'
import { createObject } from './create.ts'
import { type Resource, readNow } from './resource.ts'

/** The namespaces that every cluster has. */
const NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease']

/** Creates an object that is to exist from the start, unless it does. */
async function ensure(resource: Resource, name: string, namespace?: string): Promise<void> {
  const place = namespace === undefined ? {} : { namespace }
  if ((await readNow(resource, { name, ...place })) !== undefined) return
  const { object } = decodeValue({ metadata: { name } }, resource.kind, { fieldValidation: 'Strict' })
  try {
    await createObject(resource, object as KubeObject, { ...place, identity: API_SERVER, dryRun: false })
  } catch (error) {
    // Another API server on the same store has made it meanwhile.
    if (!isApiError(error, 'AlreadyExists')) throw error
  }
}

/** Makes the namespaces of every cluster, and the account that their pods run as where they name no other. */
export async function bootstrap({
  namespaces,
  serviceAccounts,
}: Record<'namespaces' | 'serviceAccounts', Resource>): Promise<void> {
  await Promise.all(NAMESPACES.map((name) => ensure(namespaces, name)))
  await Promise.all(NAMESPACES.map((namespace) => ensure(serviceAccounts, 'default', namespace)))
}
