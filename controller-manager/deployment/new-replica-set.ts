/** The ReplicaSet of a Deployment's current template, as it is to be created. Pure. */
import type { Deployment } from '../../shared/api/deployment.ts'
import type { ReplicaSet } from '../../shared/api/replica-set.ts'
import { toTime } from '../../shared/clock.ts'
import { controllerRef } from '../../shared/controller/controller-refs.ts'
import { templateHash } from '../pods/template-hash.ts'
import { HASH_LABEL } from './rollout.ts'

/**
 * A ReplicaSet of no replicas yet. Its name follows from the template, so that it cannot be made twice. What the server
 * decides is empty.
 */
export function newReplicaSet(deployment: Deployment, nowMs: number): ReplicaSet {
  const { metadata, spec, status } = deployment
  const hash = templateHash(spec.template, status.collisionCount)
  const labels = { ...spec.template.metadata.labels, [HASH_LABEL]: hash }
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${metadata.name}-${hash}`,
      ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
      uid: '',
      resourceVersion: '',
      creationTimestamp: toTime(nowMs),
      labels,
      ownerReferences: [controllerRef(deployment)],
    },
    spec: {
      replicas: 0,
      ...(spec.minReadySeconds !== undefined && { minReadySeconds: spec.minReadySeconds }),
      selector: { ...spec.selector, matchLabels: { ...spec.selector.matchLabels, [HASH_LABEL]: hash } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
    status: { replicas: 0 },
  }
}

/** Whether a ReplicaSet exists only in a plan so far. */
export const isPlanned = ({ metadata }: ReplicaSet): boolean => metadata.uid === ''
