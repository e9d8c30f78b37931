import type { Pod } from '../shared/api/pod/pod-model.ts'
import { controllerOf } from '../shared/controller/indexes.ts'
import { nodeMatcher, requiredNodeNames } from '../shared/scheduling/node-selector.ts'
import { type Amounts, podHostPorts, podLoad, podRequests } from '../shared/scheduling/pod-requests.ts'
import type { Load, PodInfo } from './framework.ts'
import { podTermsOf } from './pod-terms.ts'
import { spreadConstraintsOf } from './spread-constraints.ts'

/** The name under which nodes report an image: with a tag, `latest` where none is given. */
const taggedName = (image: string) => (image.lastIndexOf(':') > image.lastIndexOf('/') ? image : `${image}:latest`)

const loadOf = (amounts: Amounts): Load => ({ cpu: amounts.get('cpu') ?? 0, memory: amounts.get('memory') ?? 0 })

/** Works out once what the plugins ask about a pod. */
export const describePod = (pod: Pod): PodInfo => {
  const { metadata, spec } = pod
  const requests = podRequests(spec)
  return {
    pod,
    uid: metadata.uid,
    namespace: metadata.namespace ?? '',
    labels: metadata.labels ?? {},
    priority: spec.priority ?? 0,
    isLeaving: metadata.deletionTimestamp !== undefined,
    requests,
    share: loadOf(requests),
    load: loadOf(podLoad(spec)),
    hostPorts: podHostPorts(spec),
    selects: nodeMatcher(spec),
    requiredNames: requiredNodeNames(spec),
    controllerUid: controllerOf(pod)?.uid,
    ...podTermsOf(pod),
    spread: spreadConstraintsOf(pod),
    images: [...(spec.initContainers ?? []), ...spec.containers].map(({ image = '' }) => taggedName(image)),
  }
}

/** Whether a pod has ended for good and takes nothing of its node any more. */
export const isFinished = ({ status }: Pod): boolean => status.phase === 'Succeeded' || status.phase === 'Failed'

export const isGated = ({ spec }: Pod): boolean => (spec.schedulingGates ?? []).length > 0
