import type { Draft } from '../../shared/api/kind.ts'
import type { Pod, PodSpec } from '../../shared/api/pod/pod.ts'
import { controllerRef } from '../../shared/controller/controller-refs.ts'
import type { ReplicaOwner } from './replica-owner.ts'

/** A new pod of an owner, as its template says; the server completes its name. Pure. */
export function podFromTemplate(owner: ReplicaOwner): Draft<Pod> {
  const { metadata = {}, spec } = owner.spec.template ?? {}
  const { labels, annotations, finalizers } = metadata
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${owner.metadata.name}-`,
      ...(owner.metadata.namespace !== undefined && { namespace: owner.metadata.namespace }),
      ...(labels !== undefined && { labels }),
      ...(annotations !== undefined && { annotations }),
      ...(finalizers !== undefined && { finalizers }),
      ownerReferences: [controllerRef(owner)],
    },
    // No owner is stored without a template that has a spec: validation sees to it.
    spec: spec as PodSpec,
    status: {},
  }
}
