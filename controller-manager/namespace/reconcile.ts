/** Whether a namespace that is being deleted is empty, and what it says about it. Pure. */
import type { Namespace } from '../../shared/api/namespace.ts'
import { toTime } from '../../shared/clock.ts'
import type { Plan } from '../../shared/controller/plan.ts'

/** The finalizer that this controller takes away. */
const FINALIZER = 'kubernetes'

/** What is left of one resource in a namespace. */
export interface Remainder {
  /** `pods.`, `deployments.apps`: upstream's way to name a resource together with its group. */
  resource: string
  /** Path of the collection in the namespace. */
  path: string
  count: number
  /** Of these, objects that nobody has deleted yet. */
  livingCount: number
  /** By finalizer, how many objects it keeps. */
  finalizers: Readonly<Record<string, number>>
}

type Condition = NonNullable<Namespace['status']['conditions']>[number]

export type NamespaceAction =
  | { do: 'deleteCollection'; path: string }
  | { do: 'setConditions'; conditions: readonly Condition[] }
  /** Leaves the namespace to its other finalizers, or removes it. */
  | { do: 'finalize'; finalizers: readonly string[] }

/** How long to wait before looking again whether the namespace is empty: nobody tells. */
const LOOK_AGAIN_MS = 500

type Fact = [type: string, status: 'True' | 'False', reason: string, message: string]

function facts(remainders: readonly Remainder[]): Fact[] {
  const remaining = remainders.map(({ resource, count }) => `${resource} has ${count} resource instances`)
  const perFinalizer = new Map<string, number>()
  for (const { finalizers } of remainders) {
    for (const [name, count] of Object.entries(finalizers)) {
      perFinalizer.set(name, (perFinalizer.get(name) ?? 0) + count)
    }
  }
  const kept = [...perFinalizer].sort().map(([name, count]) => `${name} in ${count} resource instances`)
  return [
    ['NamespaceDeletionDiscoveryFailure', 'False', 'ResourcesDiscovered', 'All resources successfully discovered'],
    [
      'NamespaceDeletionGroupVersionParsingFailure',
      'False',
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ],
    [
      'NamespaceDeletionContentFailure',
      'False',
      'ContentDeleted',
      'All content successfully deleted, may be waiting on finalization',
    ],
    remaining.length > 0
      ? [
          'NamespaceContentRemaining',
          'True',
          'SomeResourcesRemain',
          `Some resources are remaining: ${remaining.join(', ')}`,
        ]
      : ['NamespaceContentRemaining', 'False', 'ContentRemoved', 'All content successfully removed'],
    kept.length > 0
      ? [
          'NamespaceFinalizersRemaining',
          'True',
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${kept.join(', ')}`,
        ]
      : [
          'NamespaceFinalizersRemaining',
          'False',
          'ContentHasNoFinalizers',
          'All content-preserving finalizers finished',
        ],
  ]
}

/** The conditions that say where the deletion stands; undefined where the namespace has them. */
function conditionsOf({ status }: Namespace, remainders: readonly Remainder[], nowMs: number): Condition[] | undefined {
  let isChanged = false
  const conditions = facts(remainders).map(([type, value, reason, message]): Condition => {
    const known = status.conditions?.find((condition) => condition.type === type)
    if (known?.status === value && known.reason === reason && known.message === message) return known
    isChanged = true
    const lastTransitionTime = known?.status === value ? known.lastTransitionTime : toTime(nowMs)
    return { type, status: value, ...(lastTransitionTime !== undefined && { lastTransitionTime }), reason, message }
  })
  return isChanged ? conditions : undefined
}

/** Whether this controller has anything to do with the namespace. */
export const isToBeEmptied = ({ metadata, spec }: Namespace): boolean =>
  metadata.deletionTimestamp !== undefined && spec.finalizers?.includes(FINALIZER) === true

/** `remainders` are the resources of which anything is left. */
export function reconcileNamespace(
  namespace: Namespace,
  remainders: readonly Remainder[],
  nowMs: number,
): Plan<NamespaceAction> {
  if (!isToBeEmptied(namespace)) return { actions: [] }
  if (remainders.length === 0) {
    const finalizers = (namespace.spec.finalizers ?? []).filter((name) => name !== FINALIZER)
    return { actions: [{ do: 'finalize', finalizers }] }
  }
  const deletions = remainders
    .filter(({ livingCount }) => livingCount > 0)
    .map(({ path }): NamespaceAction => ({ do: 'deleteCollection', path }))
  const conditions = conditionsOf(namespace, remainders, nowMs)
  const actions: NamespaceAction[] =
    conditions === undefined ? deletions : [...deletions, { do: 'setConditions', conditions }]
  return { actions, requeueAfterMs: LOOK_AGAIN_MS }
}
