/** The events about a pod and its containers, in the words of upstream 1.33. */
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { EventRecorder } from '../../shared/events/recorder.ts'

type Type = 'Normal' | 'Warning'

export interface PodEvents {
  /** Something about the pod as a whole. */
  pod(type: Type, reason: string, message: string): void
  /** Something about one container, by name. */
  container(name: string, type: Type, reason: string, message: string): void
}

/** Where in the pod's spec a container is: `spec.containers{kubia}`. */
const fieldPath = ({ spec }: Pod, name: string) =>
  `spec.${spec.initContainers?.some((container) => container.name === name) ? 'initContainers' : 'containers'}{${name}}`

export const podEvents = (recorder: EventRecorder, pod: Pod): PodEvents => ({
  pod: (type, reason, message) => recorder.event(pod, type, reason, message),
  container: (name, type, reason, message) =>
    recorder.event(pod, type, reason, message, { fieldPath: fieldPath(pod, name) }),
})
