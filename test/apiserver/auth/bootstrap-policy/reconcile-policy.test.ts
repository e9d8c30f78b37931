import t from 'tap'
import { bootstrapBindings, bootstrapRoles } from '../../../../apiserver/auth/bootstrap-policy/bootstrap-policy.ts'
import {
  bindingDraft,
  reconcileBinding,
  reconcileRole,
  roleDraft,
  roleDrafts,
} from '../../../../apiserver/auth/bootstrap-policy/reconcile-policy.ts'
import type { ClusterRole } from '../../../../shared/api/rbac/cluster-role.ts'
import type { ClusterRoleBinding } from '../../../../shared/api/rbac/cluster-role-binding.ts'

const PROTECTED = { 'rbac.authorization.kubernetes.io/autoupdate': 'false' }
const rule = (...verbs: string[]) => ({ verbs, apiGroups: [''], resources: ['pods'] })
const role = roleDraft({ name: 'r', rules: [rule('get', 'list')] })
const binding = bindingDraft({
  name: 'b',
  role: { kind: 'ClusterRole', name: 'r' },
  subjects: [{ kind: 'User', name: 'jane' }],
})
const found = <Object>(draft: unknown, changes: object = {}) =>
  ({ ...structuredClone(draft as object), ...changes }) as Object

t.test('roles', async (t) => {
  const decide = (changes?: object) => reconcileRole(role, found<ClusterRole>(role, changes))
  t.strictSame(reconcileRole(role, undefined), { do: 'create', object: role })
  t.strictSame(decide(), { do: 'nothing' })
  t.strictSame(decide({ rules: [rule('*')] }), { do: 'nothing' }, 'more stays')
  t.match(
    decide({ rules: [rule('get')] }),
    { do: 'update', object: { rules: [rule('get'), rule('list')] } },
    'less is mended',
  )
  t.match(decide({ metadata: { name: 'r', labels: { mine: 'yes' } } }), {
    do: 'update',
    object: { metadata: { labels: { mine: 'yes', 'kubernetes.io/bootstrapping': 'rbac-defaults' } } },
  })
  t.strictSame(
    decide({ rules: [], metadata: { name: 'r', annotations: PROTECTED } }),
    { do: 'nothing' },
    'unless it says no',
  )
})

t.test('bindings', async (t) => {
  const decide = (changes?: object) => reconcileBinding(binding, found<ClusterRoleBinding>(binding, changes))
  const other = { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'bob' }
  t.strictSame(decide(), { do: 'nothing' })
  t.match(decide({ subjects: [other] }), { do: 'update', object: { subjects: [other, { name: 'jane' }] } })
  t.match(decide({ roleRef: { ...binding.roleRef, name: 'x' } }), { do: 'replace' })
  t.strictSame(decide({ subjects: [], metadata: { name: 'b', annotations: PROTECTED } }), { do: 'nothing' })
})

t.test('the policy itself', async (t) => {
  const drafts = roleDrafts(bootstrapRoles)
  const rulesOf = (name: string) => drafts.find(({ metadata }) => metadata.name === name)?.rules ?? []
  t.ok(rulesOf('view').length > 5 && rulesOf('edit').length > rulesOf('view').length, 'edit takes in view')
  t.ok(rulesOf('admin').length > rulesOf('edit').length, 'and admin takes in edit')
  const keys = [...drafts, ...bootstrapBindings.map(bindingDraft)].map(
    ({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`,
  )
  t.equal(new Set(keys).size, keys.length, 'no name is there twice')
  for (const { name, namespace, role: given } of bootstrapBindings)
    t.ok(
      drafts.some(
        ({ metadata }) =>
          metadata.name === given.name && metadata.namespace === (given.kind === 'Role' ? namespace : undefined),
      ),
      `the role of ${name} is there`,
    )
})
