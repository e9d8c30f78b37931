import type { Eviction } from '../../shared/api/eviction.ts'
import type { DeleteOptions } from '../../shared/api/meta.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import { toTime } from '../../shared/clock.ts'
import { badRequest, notFound } from '../../shared/errors.ts'
import { deleteObject } from './delete.ts'
import { partOf } from './prepare-update.ts'
import { replaceObject } from './replace.ts'
import { type Resource, readNow, subjectOf, type Target, type WriteOptions } from './resource.ts'

const isOver = ({ metadata, status }: Pod) =>
  metadata.deletionTimestamp !== undefined || status?.phase === 'Succeeded' || status?.phase === 'Failed'

/** Says on the pod that it was evicted, so that a Job, say, can tell this from a failure of the pod's own. */
function withDisruption(pod: Pod, now: string): Pod {
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
    lastProbeTime: null,
    lastTransitionTime: now,
  }
  const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== condition.type)
  const status = { ...pod.status, conditions: [...others, condition] } as Pod['status']
  return { ...structuredClone(pod), status }
}

/** Removes a pod from its node. There are no disruption budgets to ask: every eviction is a deletion. */
export async function evictPod(
  pods: Resource,
  target: Target,
  { eviction, ...options }: WriteOptions & { eviction: Eviction },
): Promise<void> {
  if (eviction.metadata.name !== target.name) throw badRequest('name in URL does not match name in Eviction object')
  const current = await readNow(pods, target)
  if (current === undefined) throw notFound(subjectOf(pods, target.name))
  if (!isOver(current.object as Pod)) {
    const make = ({ object }: { object: unknown }) => withDisruption(object as Pod, toTime(pods.clock.nowMs()))
    await replaceObject(pods, target, { ...options, part: partOf('eviction'), make })
  }
  // Checked by the model on its way in, but for the policy's name, which the deletion itself refuses.
  await deleteObject(pods, target, { ...options, options: (eviction.deleteOptions ?? {}) as DeleteOptions })
}
