/**
 * What has to be written for the roles and bindings of every cluster to be there: upstream's reconciliation at the start
 * of an API server. What somebody has added stays; what somebody has taken away comes back, unless the object says by
 * its annotation that it does not want that. Pure.
 */
import type { Draft } from '../../../shared/api/kind.ts'
import type { Subject } from '../../../shared/api/rbac/binding-parts.ts'
import type { ClusterRole } from '../../../shared/api/rbac/cluster-role.ts'
import type { ClusterRoleBinding } from '../../../shared/api/rbac/cluster-role-binding.ts'
import type { PolicyRule } from '../../../shared/api/rbac/policy-rule.ts'
import { RBAC_GROUP } from '../../../shared/api/rbac/rbac-group.ts'
import { aggregatedRules } from '../../../shared/rbac/aggregate.ts'
import { compact, uncovered } from '../../../shared/rbac/covers.ts'
import type { BootstrapBinding, BootstrapRole, BootstrapSubject } from './policy-words.ts'

export const AUTO_UPDATE = 'rbac.authorization.kubernetes.io/autoupdate'
const BOOTSTRAPPING = { 'kubernetes.io/bootstrapping': 'rbac-defaults' }

/** Roles of both kinds have these fields, and so have bindings. */
type AnyRole = ClusterRole
type AnyBinding = ClusterRoleBinding
type Meta = AnyRole['metadata']

export type Outcome<Object extends AnyRole | AnyBinding> =
  | { do: 'nothing' }
  | { do: 'create' | 'replace'; object: Draft<Object> }
  | { do: 'update'; object: Object }

const NOTHING = { do: 'nothing' } as const

const metaOf = ({ name, namespace, labels }: Pick<BootstrapRole, 'name' | 'namespace' | 'labels'>) => ({
  name,
  ...(namespace !== undefined && { namespace }),
  labels: { ...BOOTSTRAPPING, ...labels },
  annotations: { [AUTO_UPDATE]: 'true' },
})

/** The object as it is made where there is none. */
export function roleDraft(role: BootstrapRole): Draft<AnyRole> {
  const { namespace, aggregates, rules = [] } = role
  return {
    apiVersion: `${RBAC_GROUP}/v1`,
    kind: namespace === undefined ? 'ClusterRole' : 'Role',
    metadata: metaOf(role),
    ...(aggregates !== undefined && {
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [aggregates]: 'true' } }] },
    }),
    rules: rules as PolicyRule[],
  }
}

/** The same of all of them, with the rules of those that are made of others filled in. */
export function roleDrafts(roles: readonly BootstrapRole[]): Draft<AnyRole>[] {
  const drafts = roles.map(roleDraft)
  // Roles are made of others that are made of others: as often as there are levels.
  for (let level = 0; level < 3; level++)
    for (const draft of drafts) {
      const rules = aggregatedRules(draft as AnyRole, drafts as AnyRole[])
      if (rules !== undefined) draft.rules = rules
    }
  return drafts
}

const subjectOf = ({ kind, name, namespace }: BootstrapSubject): Subject => ({
  kind,
  ...(kind !== 'ServiceAccount' && { apiGroup: RBAC_GROUP }),
  name,
  ...(namespace !== undefined && { namespace }),
})

export function bindingDraft(binding: BootstrapBinding): Draft<AnyBinding> {
  const { namespace, role, subjects } = binding
  return {
    apiVersion: `${RBAC_GROUP}/v1`,
    kind: namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding',
    metadata: metaOf(binding),
    roleRef: { apiGroup: RBAC_GROUP, ...role },
    subjects: subjects.map(subjectOf),
  }
}

const isProtected = ({ annotations }: Meta) => annotations?.[AUTO_UPDATE] === 'false'

/** The labels and annotations that are missing, added; undefined where none is. */
function completeMeta(meta: Meta, wanted: Draft<AnyRole>['metadata']): Meta | undefined {
  const labels = { ...wanted.labels, ...meta.labels }
  const annotations = { ...wanted.annotations, ...meta.annotations }
  const isComplete =
    Object.keys(labels).length === Object.keys(meta.labels ?? {}).length &&
    Object.keys(annotations).length === Object.keys(meta.annotations ?? {}).length
  return isComplete ? undefined : { ...meta, labels, annotations }
}

export function reconcileRole(wanted: Draft<AnyRole>, found: Readonly<AnyRole> | undefined): Outcome<AnyRole> {
  if (found === undefined) return { do: 'create', object: wanted }
  if (isProtected(found.metadata)) return NOTHING
  const metadata = completeMeta(found.metadata, wanted.metadata)
  const aggregationRule = wanted.aggregationRule as AnyRole['aggregationRule']
  const isUnruled = aggregationRule !== undefined && found.aggregationRule === undefined
  // The rules of a role that is made of others are the aggregation controller's.
  const missing =
    aggregationRule !== undefined ? [] : compact(uncovered(found.rules ?? [], wanted.rules as PolicyRule[]))
  if (metadata === undefined && !isUnruled && missing.length === 0) return NOTHING
  return {
    do: 'update',
    object: {
      ...found,
      metadata: metadata ?? found.metadata,
      ...(isUnruled && { aggregationRule }),
      ...(missing.length > 0 && { rules: [...(found.rules ?? []), ...missing] }),
    },
  }
}

const isSubject = (a: Subject, b: Subject) =>
  a.kind === b.kind && a.name === b.name && (a.namespace ?? '') === (b.namespace ?? '')

export function reconcileBinding(
  wanted: Draft<AnyBinding>,
  found: Readonly<AnyBinding> | undefined,
): Outcome<AnyBinding> {
  if (found === undefined) return { do: 'create', object: wanted }
  if (isProtected(found.metadata)) return NOTHING
  // What a binding gives cannot be changed: another one takes its place.
  if (found.roleRef.kind !== wanted.roleRef?.kind || found.roleRef.name !== wanted.roleRef.name)
    return { do: 'replace', object: wanted }
  const metadata = completeMeta(found.metadata, wanted.metadata)
  const subjects = (wanted.subjects as Subject[]).filter(
    (subject) => !found.subjects?.some((has) => isSubject(has, subject)),
  )
  if (metadata === undefined && subjects.length === 0) return NOTHING
  return {
    do: 'update',
    object: { ...found, metadata: metadata ?? found.metadata, subjects: [...(found.subjects ?? []), ...subjects] },
  }
}
