import type { Pod } from '../../shared/api/pod/pod.ts'
import type { Client } from '../../shared/client/client.ts'
import { pods as podResource } from '../../shared/client/resources.ts'
import { type Clock, toTime } from '../../shared/clock.ts'
import { isApiError } from '../../shared/errors.ts'

export interface DeletePodOptions {
  /** Why the cluster takes the pod away: its DisruptionTarget condition. Absent: the pod is not marked. */
  condition?: Reason
  /** Removes the pod at once, without its kubelet, and marks it as Failed before if it has not ended. */
  isForced?: boolean
}

/**
 * Deletes one very pod, marked with the reason before; one that is gone is done. Throws a Conflict where the pod has
 * changed since it was read: its deletion may be what changed.
 */
export async function deletePod(
  { client, clock }: { client: Client; clock: Clock },
  pod: Pod,
  { condition, isForced = false }: DeletePodOptions = {},
): Promise<void> {
  const { name, namespace, uid, resourceVersion } = pod.metadata
  const key = { name, ...(namespace !== undefined && { namespace }) }
  const status = {
    ...(isForced && !hasEnded(pod) && { phase: 'Failed' }),
    ...(condition !== undefined && !isMarked(pod, condition) && { conditions: [disruption(condition, clock.nowMs())] }),
  }
  try {
    if (Object.keys(status).length > 0) {
      const body = { metadata: { resourceVersion }, status }
      await client.patch(podResource, key, { type: 'strategic', body, subresource: 'status' })
    }
    await client.delete(podResource, key, { preconditions: { uid }, ...(isForced && { gracePeriodSeconds: 0 }) })
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error
  }
}

interface Reason {
  reason: string
  message: string
}

const isMarked = ({ status }: Pod, { reason }: Reason) =>
  status.conditions?.some((condition) => condition.type === 'DisruptionTarget' && condition.reason === reason) === true

const hasEnded = ({ status }: Pod) => status.phase === 'Succeeded' || status.phase === 'Failed'

const disruption = ({ reason, message }: Reason, nowMs: number) => ({
  type: 'DisruptionTarget',
  status: 'True',
  lastTransitionTime: toTime(nowMs),
  reason,
  message,
})
