/** Evictions: deletions of pods that ask the pods' disruption budgets first, as `kubectl drain` sends them. */
import type { Eviction } from '../../shared/api/eviction.ts'
import type { DeleteOptions } from '../../shared/api/meta.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { PodDisruptionBudget } from '../../shared/api/pod-disruption-budget.ts'
import { toTime } from '../../shared/clock.ts'
import { protects } from '../../shared/disruption-budget.ts'
import { ApiError, badRequest, isApiError, notFound } from '../../shared/errors.ts'
import { checkPreconditions, deleteObject } from './delete.ts'
import { charged, isFreeOfCharge } from './disruption-budget.ts'
import { partOf } from './prepare-update.ts'
import { ATTEMPTS_MAX, replaceObject } from './replace.ts'
import { catchUp, type Resource, readNow, subjectOf, type Target, type WriteOptions } from './resource.ts'

/** What an eviction reads and writes. */
export interface EvictionResources {
  pods: Resource
  budgets: Resource
}

const isGoing = ({ metadata }: Pod) => metadata.deletionTimestamp !== undefined

/** A pod that has not started, has ended or is on its way out disrupts nobody. */
const needsNoBudget = (pod: Pod) =>
  isGoing(pod) || ['Pending', 'Succeeded', 'Failed'].includes(pod.status?.phase ?? 'Pending')

const isPending = (pod: Pod) => !isGoing(pod) && (pod.status?.phase ?? 'Pending') === 'Pending'

const namesVersion = ({ preconditions }: DeleteOptions) => (preconditions?.resourceVersion ?? '') !== ''

/** The options of a deletion that takes place only if the pod is as it was found. */
const pinned = (options: DeleteOptions, { metadata: { resourceVersion } }: Pick<Pod, 'metadata'>): DeleteOptions =>
  namesVersion(options) ? options : { ...options, preconditions: { ...options.preconditions, resourceVersion } }

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

async function podNow(pods: Resource, target: Target): Promise<Pod> {
  const current = await readNow(pods, target)
  if (current === undefined) throw notFound(subjectOf(pods, target.name))
  return current.object as Pod
}

async function budgetOf({ budgets }: EvictionResources, pod: Pod): Promise<PodDisruptionBudget | undefined> {
  await catchUp(budgets)
  const { namespace } = pod.metadata
  const all = budgets.cache.list({ ...(namespace !== undefined && { namespace }) })
  const [budget, ...others] = all
    .map(({ object }) => object as PodDisruptionBudget)
    .filter((object) => protects(object, pod))
  if (others.length > 0)
    throw new ApiError(
      500,
      '',
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    )
  return budget
}

interface Request extends WriteOptions {
  options: DeleteOptions
}

/** Takes one eviction off the budget, which must allow it as it is at the moment of the write. */
async function charge({ budgets }: EvictionResources, budget: PodDisruptionBudget, podName: string, write: Request) {
  const { name, namespace } = budget.metadata
  await replaceObject(
    budgets,
    { name, ...(namespace !== undefined && { namespace }) },
    {
      ...write,
      part: partOf('status'),
      make: ({ object }) => charged(object as PodDisruptionBudget, podName, budgets.clock.nowMs()),
    },
  )
}

/** Marks the pod as evicted, where the deletion's preconditions hold, and returns it. */
async function mark(pods: Resource, target: Target, { options, ...write }: Request): Promise<Pod> {
  const marked = await replaceObject(pods, target, {
    ...write,
    part: partOf('eviction'),
    make({ object }) {
      checkPreconditions(pods, object, options)
      return withDisruption(object as Pod, toTime(pods.clock.nowMs()))
    },
  })
  return marked.object as Pod
}

/** Marks the pod as evicted and deletes it. Where the deletion is bound to a version, it is to the marked one. */
async function markAndDelete(pods: Resource, target: Target, request: Request): Promise<void> {
  const { options, dryRun } = request
  const marked = dryRun ? undefined : await mark(pods, target, request)
  const preconditions = { ...options.preconditions, resourceVersion: marked?.metadata.resourceVersion }
  const isBound = marked !== undefined && namesVersion(options)
  await deleteObject(pods, target, isBound ? { ...request, options: { ...options, preconditions } } : request)
}

/** Deletes a pod that needs no budget; tells whether it did, or the pod needs one by now. */
async function deleteUnbudgeted(pods: Resource, target: Target, request: Request): Promise<Pod | undefined> {
  for (let attempt = 1; ; attempt++) {
    const pod = await podNow(pods, target)
    if (!needsNoBudget(pod)) return pod
    // A pending pod may have started since: then its budget counts.
    const options = isPending(pod) ? pinned(request.options, pod) : request.options
    try {
      await markAndDelete(pods, target, { ...request, options })
      return undefined
    } catch (error) {
      const isRetried = isApiError(error, 'Conflict') && !namesVersion(request.options) && attempt < ATTEMPTS_MAX
      if (!isRetried) throw error
    }
  }
}

/**
 * Removes a pod from its node, as far as its disruption budget allows. Throws TooManyRequests where it does not, and an
 * error without a reason (500) for a pod that has several budgets.
 */
export async function evictPod(
  resources: EvictionResources,
  target: Target,
  { eviction, ...write }: WriteOptions & { eviction: Eviction },
): Promise<void> {
  const { pods } = resources
  if (eviction.metadata.name !== target.name) throw badRequest('name in URL does not match name in Eviction object')
  // Checked by the model on its way in, but for the policy's name, which the deletion itself refuses.
  const options = (eviction.deleteOptions ?? {}) as DeleteOptions
  const dryRun = write.dryRun || options.dryRun?.includes('All') === true
  const request = { ...write, options, dryRun }

  const pod = await deleteUnbudgeted(pods, target, request)
  if (pod === undefined) return
  // Before the budget is charged for a deletion that cannot take place.
  checkPreconditions(pods, pod, options)
  const budget = await budgetOf(resources, pod)
  const isFree = budget !== undefined && isFreeOfCharge(budget, pod)
  if (budget !== undefined && !isFree) await charge(resources, budget, target.name, request)
  // Evicted for not being ready: so it must still not be when it goes.
  await markAndDelete(pods, target, isFree ? { ...request, options: pinned(options, pod) } : request)
}
