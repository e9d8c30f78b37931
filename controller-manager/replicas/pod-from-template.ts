import type { Draft } from '../../shared/api/kind.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import { controllerRef } from '../../shared/controller/controller-refs.ts'
import type { ReplicaOwner } from './replica-owner.ts'

/** A new pod of an owner, as its template says; the server completes its name. Pure. */
export function podFromTemplate({ apiVersion, kind, metadata, spec }: ReplicaOwner): Draft<Pod> {
  const { labels, annotations, finalizers } = spec.template.metadata
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${metadata.name}-`,
      ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
      ...(labels !== undefined && { labels }),
      ...(annotations !== undefined && { annotations }),
      ...(finalizers !== undefined && { finalizers }),
      ownerReferences: [controllerRef({ apiVersion, kind, metadata })],
    },
    spec: spec.template.spec,
    status: {},
  }
}
