import { type Binding, binding as bindingKind } from '../../shared/api/binding.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import { toTime } from '../../shared/clock.ts'
import { badRequest, conflict, invalid } from '../../shared/errors.ts'
import { partOf } from './prepare-update.ts'
import { replaceObject } from './replace.ts'
import { kindSubject, type Resource, subjectOf, type Target, type WriteOptions } from './resource.ts'

/** Why a pod cannot be bound, if it cannot. */
function obstacle({ metadata, spec }: Pod): string | undefined {
  if (metadata.deletionTimestamp !== undefined)
    return `pod ${metadata.name} is being deleted, cannot be assigned to a host`
  if (spec.nodeName) return `pod ${metadata.name} is already assigned to node ${JSON.stringify(spec.nodeName)}`
  if ((spec.schedulingGates ?? []).length > 0) return `pod ${metadata.name} has non-empty .spec.schedulingGates`
  return undefined
}

function scheduled(pod: Pod, now: string): Pod['status'] {
  const conditions = pod.status?.conditions ?? []
  const old = conditions.find(({ type }) => type === 'PodScheduled')
  if (old?.status === 'True') return pod.status
  const condition = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: now }
  const others = conditions.filter(({ type }) => type !== 'PodScheduled')
  return { ...pod.status, conditions: [...others, condition] } as Pod['status']
}

/** Ties a pod to a node: sets `spec.nodeName` and the condition `PodScheduled`. Throws a Conflict where it is tied already. */
export async function bindPod(
  pods: Resource,
  target: Target,
  { binding, ...options }: WriteOptions & { binding: Binding },
): Promise<void> {
  const errors = bindingKind.validate(binding)
  if (errors.length > 0) throw invalid(kindSubject(bindingKind, target.name), errors)
  const { name, uid, resourceVersion, labels, annotations } = binding.metadata
  if (name && name !== target.name) throw badRequest('name in URL does not match name in Binding object')
  await replaceObject(pods, target, {
    ...options,
    part: partOf('binding'),
    make(current) {
      const old = current.object as Pod
      const reason = obstacle(old)
      if (reason !== undefined) throw conflict(subjectOf(pods, target.name, 'binding'), reason)
      // What is not changed is shared with the old object: pods are bound by the thousands.
      const pod: Pod = { ...old, metadata: { ...old.metadata }, spec: { ...old.spec, nodeName: binding.target.name } }
      pod.status = scheduled(pod, toTime(pods.clock.nowMs()))
      if (labels) pod.metadata.labels = { ...pod.metadata.labels, ...labels }
      if (annotations) pod.metadata.annotations = { ...pod.metadata.annotations, ...annotations }
      if (uid) pod.metadata.uid = uid
      pod.metadata.resourceVersion = resourceVersion || pod.metadata.resourceVersion
      return pod
    },
  })
}
