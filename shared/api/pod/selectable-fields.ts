import type { FieldOf } from '../kind.ts'
import type { Pod } from './pod.ts'

/** What a field selector may name of a pod. Loads no schema, so that any component may use it. */
export const podSelectableFields: Readonly<Record<string, FieldOf<Pod>>> = {
  'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
  'spec.restartPolicy': ({ spec }) => spec.restartPolicy,
  'spec.schedulerName': ({ spec }) => spec.schedulerName,
  'spec.serviceAccountName': ({ spec }) => spec.serviceAccountName ?? '',
  'spec.hostNetwork': ({ spec }) => String(spec.hostNetwork ?? false),
  'status.phase': ({ status }) => status.phase ?? '',
  'status.podIP': ({ status }) => status.podIPs?.[0]?.ip ?? '',
  // Upstream accepts the name but never fills it in: nothing but the empty string matches.
  'status.podIPs': () => '',
  'status.nominatedNodeName': ({ status }) => status.nominatedNodeName ?? '',
}
