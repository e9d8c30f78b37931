/** A Deployment's ReplicaSets, and what they add up to. Pure. */
import type { Deployment } from '../../shared/api/deployment.ts'
import type { ReplicaSet } from '../../shared/api/replica-set.ts'
import { canonicalJson } from '../pods/template-hash.ts'

/** Tells the pods of one ReplicaSet of a Deployment from those of another. */
export const HASH_LABEL = 'pod-template-hash'

export interface Rollout {
  deployment: Deployment
  /** The ReplicaSet of the current template; undefined where there is none, and it is not time to make one. */
  newSet: ReplicaSet | undefined
  /** Those of former templates. */
  oldSets: readonly ReplicaSet[]
}

/** How many replicas ReplicaSets should have; those that are absent stay as they are. */
export type Sizes = ReadonlyMap<ReplicaSet, number>

/** Order by age, and of one age by name: the same every time. */
export function olderFirst({ metadata: a }: ReplicaSet, { metadata: b }: ReplicaSet): number {
  if (a.creationTimestamp !== b.creationTimestamp) return a.creationTimestamp < b.creationTimestamp ? -1 : 1
  return a.name < b.name ? -1 : 1
}

function withoutHash({ metadata, spec }: ReplicaSet['spec']['template']) {
  const { [HASH_LABEL]: _, ...labels } = metadata.labels ?? {}
  return { metadata: { ...metadata, labels }, spec }
}

/** Whether a ReplicaSet makes its pods from the Deployment's current template. */
export const isOfTemplate = ({ spec: { template } }: ReplicaSet, deployment: Deployment): boolean =>
  canonicalJson(withoutHash(template)) === canonicalJson(withoutHash(deployment.spec.template))

/** The ReplicaSet of the current template; the oldest, should there be several. */
export const findNewSet = (deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined =>
  sets.filter((set) => isOfTemplate(set, deployment)).sort(olderFirst)[0]

export const allSets = ({ newSet, oldSets }: Pick<Rollout, 'newSet' | 'oldSets'>): readonly ReplicaSet[] =>
  newSet === undefined ? oldSets : [...oldSets, newSet]

export const isActive = ({ spec }: ReplicaSet): boolean => spec.replicas > 0

/** Replicas that all these ReplicaSets should have. */
export const sizeOf = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, { spec }) => sum + spec.replicas, 0)

/** The sum of a count of their statuses. */
export const countOf = (
  sets: readonly ReplicaSet[],
  count: 'availableReplicas' | 'readyReplicas' | 'replicas' | 'terminatingReplicas',
): number => sets.reduce((sum, { status }) => sum + (status[count] ?? 0), 0)

/** Replicas that stay available: of one that has just been scaled down the status still counts too many. */
export const availableOf = ({ spec, status }: ReplicaSet): number =>
  Math.min(status.availableReplicas ?? 0, spec.replicas)
