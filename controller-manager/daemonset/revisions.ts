/** The versions that a DaemonSet's template has had, kept as ControllerRevisions. Pure. */
import type { ControllerRevision } from '../../shared/api/controller-revision.ts'
import type { DaemonSet } from '../../shared/api/daemon-set.ts'
import type { Draft } from '../../shared/api/kind.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import { controllerRef, planClaims } from '../../shared/controller/controller-refs.ts'
import { matchesSelector, selectorFromLabelSelector } from '../../shared/labels.ts'
import { canonicalJson, templateHash } from '../pods/template-hash.ts'
import { HASH_LABEL } from './daemon-pod.ts'

export type RevisionAction =
  | { do: 'adoptRevisions'; revisions: readonly ControllerRevision[] }
  | { do: 'releaseRevisions'; revisions: readonly ControllerRevision[] }
  | { do: 'createRevision'; revision: Draft<ControllerRevision> }
  /** An older version is the current one again. */
  | { do: 'renumberRevision'; revision: ControllerRevision; number: number }
  /** Pods of a revision that says the same as another one are that one's. */
  | { do: 'relabelPods'; pods: readonly Pod[]; hash: string }
  | { do: 'deleteRevisions'; revisions: readonly ControllerRevision[] }

export interface RevisionPlan {
  /** What pods of the current template are labelled with. */
  hash: string
  /** What must be done before pods are made. */
  before: RevisionAction[]
  /** Revisions of other templates, the oldest first. */
  old: readonly ControllerRevision[]
}

/** The patch that brings back a template: what `kubectl rollout undo` sends. */
const patchTo = ({ spec }: DaemonSet) => ({ spec: { template: { ...spec.template, $patch: 'replace' } } })

/** Whether a revision holds the DaemonSet's template as it is now. */
export const isCurrent = (daemonSet: DaemonSet, { data }: Pick<ControllerRevision, 'data'>): boolean =>
  canonicalJson(data) === canonicalJson(patchTo(daemonSet))

function newRevision(daemonSet: DaemonSet, number: number): Draft<ControllerRevision> {
  const { metadata, spec, status } = daemonSet
  const hash = templateHash(spec.template, status.collisionCount)
  const { namespace, name, annotations } = metadata
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace !== undefined && { namespace }),
      labels: { ...spec.template.metadata.labels, [HASH_LABEL]: hash },
      ...(annotations !== undefined && { annotations }),
      ownerReferences: [controllerRef(daemonSet)],
    },
    data: patchTo(daemonSet),
    revision: number,
  } as Draft<ControllerRevision>
}

const hashOf = ({ metadata }: ControllerRevision | Pod): string => metadata.labels?.[HASH_LABEL] ?? ''

const byNumber = (revisions: readonly ControllerRevision[]) =>
  revisions.toSorted((a, b) => a.revision - b.revision || (a.metadata.name < b.metadata.name ? -1 : 1))

/** The current revision, made if need be, with the highest number; `candidates` may be the DaemonSet's. */
export function planRevisions(
  daemonSet: DaemonSet,
  candidates: readonly ControllerRevision[],
  pods: readonly Pod[],
): RevisionPlan {
  const selector = selectorFromLabelSelector(daemonSet.spec.selector)
  const claims = planClaims(daemonSet, candidates, ({ metadata }) => matchesSelector(selector, metadata.labels))
  const before: RevisionAction[] = []
  if (claims.adopt.length > 0) before.push({ do: 'adoptRevisions', revisions: claims.adopt })
  if (claims.release.length > 0) before.push({ do: 'releaseRevisions', revisions: claims.release })

  const sorted = byNumber(claims.owned)
  const old = sorted.filter((revision) => !isCurrent(daemonSet, revision))
  const number = (old.at(-1)?.revision ?? 0) + 1
  const [current, ...duplicates] = sorted.filter((revision) => isCurrent(daemonSet, revision)).reverse()
  if (current === undefined) {
    const revision = newRevision(daemonSet, number)
    before.push({ do: 'createRevision', revision })
    return { hash: revision.metadata.labels?.[HASH_LABEL] ?? '', before, old }
  }
  const hash = hashOf(current)
  const strays = pods.filter((pod) => duplicates.some((duplicate) => hashOf(duplicate) === hashOf(pod)))
  if (strays.length > 0) before.push({ do: 'relabelPods', pods: strays, hash })
  if (duplicates.length > 0) before.push({ do: 'deleteRevisions', revisions: duplicates })
  if (current.revision < number) before.push({ do: 'renumberRevision', revision: current, number })
  return { hash, before, old }
}

/** The old revisions beyond the limit, the oldest first; those of which there are pods stay. */
export function surplusRevisions(
  { spec }: DaemonSet,
  old: readonly ControllerRevision[],
  pods: readonly Pod[],
): ControllerRevision[] {
  const live = new Set(pods.map(hashOf))
  const unused = old.filter((revision) => !live.has(hashOf(revision)))
  return unused.slice(0, Math.max(0, old.length - (spec.revisionHistoryLimit ?? 10)))
}
