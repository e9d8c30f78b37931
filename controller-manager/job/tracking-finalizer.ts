import type { Pod } from '../../shared/api/pod/pod.ts'
import type { Client } from '../../shared/client/client.ts'
import { pods as podResource } from '../../shared/client/resources.ts'
import { isApiError } from '../../shared/errors.ts'
import { TRACKING_FINALIZER } from './job-pod.ts'

/** Takes the finalizer off a pod and returns the pod as it then is; undefined: it is gone, or another has its name. */
export async function removeTrackingFinalizer(client: Client, { metadata }: Pod): Promise<Pod | undefined> {
  const { name, namespace, uid } = metadata
  const body = { metadata: { uid, '$deleteFromPrimitiveList/finalizers': [TRACKING_FINALIZER] } }
  try {
    const key = { name, ...(namespace !== undefined && { namespace }) }
    return await client.patch(podResource, key, { type: 'strategic', body })
  } catch (error) {
    if (isApiError(error, 'NotFound', 'Invalid', 'Conflict')) return undefined
    throw error
  }
}
