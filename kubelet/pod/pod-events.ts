/** The events about a pod and its containers, in the words of upstream 1.33. */
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { EventRecorder } from '../../shared/events/recorder.ts'
import type { Trouble } from '../probes/pod-probers.ts'
import type { ProbeKind } from '../probes/prober.ts'

type Type = 'Normal' | 'Warning'

export interface PodEvents {
  /** Something about the pod as a whole. */
  pod(type: Type, reason: string, message: string): void
  /** Something about one container, by name. */
  container(name: string, type: Type, reason: string, message: string): void
}

/** Tells of a check that was not a plain success. */
export function probeTrouble(events: PodEvents, container: string, kind: ProbeKind, { is, message }: Trouble): void {
  const probe = `${kind[0]!.toUpperCase()}${kind.slice(1)} probe`
  const how = { warning: 'warning', error: 'errored and resulted in unknown state', failure: 'failed' }[is]
  events.container(container, 'Warning', is === 'warning' ? 'ProbeWarning' : 'Unhealthy', `${probe} ${how}: ${message}`)
}

/** Where in the pod's spec a container is: `spec.containers{kubia}`. */
const fieldPath = ({ spec }: Pod, name: string) =>
  `spec.${spec.initContainers?.some((container) => container.name === name) ? 'initContainers' : 'containers'}{${name}}`

export const podEvents = (recorder: EventRecorder, pod: Pod): PodEvents => ({
  pod: (type, reason, message) => recorder.event(pod, type, reason, message),
  container: (name, type, reason, message) =>
    recorder.event(pod, type, reason, message, { fieldPath: fieldPath(pod, name) }),
})
