import type { KubeObject } from '../../shared/api/kind.ts'
import { SYSTEM_PRIORITIES } from '../../shared/api/system-priorities.ts'
import { isApiError } from '../../shared/errors.ts'
import { API_SERVER } from '../auth/identity.ts'
import { decodeValue } from '../codec/decode.ts'
import { createObject } from './create.ts'
import { type Resource, readNow } from './resource.ts'

/** The namespaces that every cluster has. */
const NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease']

/** Why there are classes of the system, for those who read them. */
const CRITICAL = 'For pods that the cluster cannot do without.'

/** Creates an object that is to exist from the start, unless it does. */
async function ensure(
  resource: Resource,
  { name, namespace, fields = {} }: { name: string; namespace?: string; fields?: object },
): Promise<void> {
  const place = namespace === undefined ? {} : { namespace }
  if ((await readNow(resource, { name, ...place })) !== undefined) return
  const { object } = decodeValue({ metadata: { name }, ...fields }, resource.kind, { fieldValidation: 'Strict' })
  try {
    await createObject(resource, object as KubeObject, {
      ...place,
      identity: API_SERVER,
      manager: 'kube-apiserver',
      dryRun: false,
    })
  } catch (error) {
    // Another API server on the same store has made it meanwhile.
    if (!isApiError(error, 'AlreadyExists')) throw error
  }
}

/**
 * Makes the namespaces of every cluster, the account that their pods run as where they name no other, and the priorities
 * of pods that the cluster cannot do without.
 */
export async function bootstrap({
  namespaces,
  serviceAccounts,
  priorityClasses,
}: Record<'namespaces' | 'serviceAccounts' | 'priorityClasses', Resource>): Promise<void> {
  await Promise.all([
    ...NAMESPACES.map((name) => ensure(namespaces, { name })),
    ...[...SYSTEM_PRIORITIES].map(([name, value]) =>
      ensure(priorityClasses, { name, fields: { value, description: CRITICAL } }),
    ),
  ])
  await Promise.all(NAMESPACES.map((namespace) => ensure(serviceAccounts, { name: 'default', namespace })))
}
