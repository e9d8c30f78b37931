/** The scheduler's writes: the binding of a pod, and the condition that says why it has none. */
import type { Pod } from '../shared/api/pod/pod-model.ts'
import type { Client } from '../shared/client/client.ts'
import { pathOf } from '../shared/client/resource.ts'
import { pods } from '../shared/client/resources.ts'
import { type Clock, toTime } from '../shared/clock.ts'

const keyOf = ({ metadata: { name, namespace } }: Pod) => ({ name, ...(namespace !== undefined && { namespace }) })

/** Binds a pod to a node. Throws an ApiError: Conflict when it has a node already, NotFound when it is gone. */
export async function bindPod(client: Client, pod: Pod, nodeName: string): Promise<void> {
  const { name, namespace, uid } = pod.metadata
  await client.request('POST', pathOf(pods, { ...keyOf(pod), subresource: 'binding' }), {
    apiVersion: 'v1',
    kind: 'Binding',
    // The UID keeps another pod that has taken the name since from being bound.
    metadata: { name, namespace, uid },
    target: { apiVersion: 'v1', kind: 'Node', name: nodeName },
  })
}

export interface Unscheduled {
  reason: 'Unschedulable' | 'SchedulerError'
  message: string
}

/** Reports in the pod's status that it was not scheduled, unless it says so already. Throws an ApiError. */
export async function reportUnscheduled(
  client: Client,
  pod: Pod,
  { reason, message, clock }: Unscheduled & { clock: Clock },
): Promise<void> {
  const current = pod.status.conditions?.find(({ type }) => type === 'PodScheduled')
  const isFalse = current?.status === 'False'
  if (isFalse && current.reason === reason && current.message === message) return
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    reason,
    message,
    lastProbeTime: null,
    // The time of the transition stays where only reason or message change.
    ...(!isFalse && { lastTransitionTime: toTime(clock.nowMs()) }),
  }
  await client.patch(pods, keyOf(pod), {
    type: 'strategic',
    subresource: 'status',
    body: { status: { conditions: [condition] } },
  })
}
