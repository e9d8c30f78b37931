/** What a Deployment writes down on its ReplicaSets: their revisions, and the size that it had when it last scaled them. Pure. */
import type { Deployment } from '../../shared/api/deployment.ts'
import type { ReplicaSet } from '../../shared/api/replica-set.ts'
import { rolloutLimits } from './rollout-limits.ts'

type Annotations = Readonly<Record<string, string>>

/** Counts the rollouts of a Deployment; it is on the Deployment as well. */
export const REVISION = 'deployment.kubernetes.io/revision'
/** Revisions that a ReplicaSet had before it was rolled back to. */
export const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history'
const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas'
const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas'

/** Characters of a revision history; the oldest give way. */
const HISTORY_MAX_CHARS = 2_000

/** Annotations of a Deployment that say nothing of its pods. */
const OWN = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'deprecated.deployment.rollback.to',
  ...[REVISION, REVISION_HISTORY, DESIRED_REPLICAS, MAX_REPLICAS],
])

const integer = (text: string | undefined): number | undefined =>
  text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined

/** The revision of a ReplicaSet; 0 where it has none. */
export const revisionOf = ({ metadata }: { metadata: { annotations?: Annotations } }): number =>
  integer(metadata.annotations?.[REVISION]) ?? 0

/** The size that the Deployment had when it last scaled the ReplicaSet. */
export const desiredReplicas = ({ metadata }: ReplicaSet): number | undefined =>
  integer(metadata.annotations?.[DESIRED_REPLICAS])

/** The most pods that the Deployment was allowed then. */
export const maxReplicas = ({ metadata }: ReplicaSet): number | undefined =>
  integer(metadata.annotations?.[MAX_REPLICAS])

/** What the Deployment writes on a ReplicaSet that it scales. */
export function sizeAnnotations(deployment: Deployment): Annotations {
  const { replicas } = deployment.spec
  return { [DESIRED_REPLICAS]: String(replicas), [MAX_REPLICAS]: String(replicas + rolloutLimits(deployment).maxSurge) }
}

/** A history with one revision more, within its bound. */
function longerHistory(history: string, revision: number): string {
  const revisions = [...(history === '' ? [] : history.split(',')), String(revision)]
  while (revisions.join(',').length > HISTORY_MAX_CHARS) revisions.shift()
  return revisions.join(',')
}

/**
 * The annotations that the ReplicaSet of the current template should have beside its own: those of the Deployment, and
 * the highest revision of all. One that had a lower revision is rolled back to, and remembers it.
 */
export function newSetAnnotations(
  deployment: Deployment,
  newSet: { metadata: { annotations?: Annotations } },
  oldSets: readonly ReplicaSet[],
): Annotations {
  const copied = Object.entries(deployment.metadata.annotations ?? {}).filter(([name]) => !OWN.has(name))
  const wanted: Record<string, string> = Object.fromEntries(copied)
  const before = revisionOf(newSet)
  const revision = Math.max(before, 1 + Math.max(0, ...oldSets.map(revisionOf)))
  wanted[REVISION] = String(revision)
  if (before > 0 && before < revision) {
    wanted[REVISION_HISTORY] = longerHistory(newSet.metadata.annotations?.[REVISION_HISTORY] ?? '', before)
  }
  return wanted
}
