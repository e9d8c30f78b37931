import type { Pod } from '../shared/api/pod/pod-model.ts'
import { controllerOf } from '../shared/controller/indexes.ts'
import { requiredNodeNames } from '../shared/scheduling/node-selector.ts'
import { podHostPorts, podLoad, podRequests } from '../shared/scheduling/pod-requests.ts'
import type { PodInfo } from './framework.ts'

/** Works out once what the plugins ask about a pod. */
export const describePod = (pod: Pod): PodInfo => ({
  pod,
  uid: pod.metadata.uid,
  priority: pod.spec.priority ?? 0,
  requests: podRequests(pod.spec),
  load: podLoad(pod.spec),
  hostPorts: podHostPorts(pod.spec),
  requiredNames: requiredNodeNames(pod.spec),
  controllerUid: controllerOf(pod)?.uid,
})

/** Whether a pod has ended for good and takes nothing of its node any more. */
export const isFinished = ({ status }: Pod): boolean => status.phase === 'Succeeded' || status.phase === 'Failed'

export const isGated = ({ spec }: Pod): boolean => (spec.schedulingGates ?? []).length > 0
