import t from 'tap'
import { clusterRole } from '../../../shared/api/rbac/cluster-role.ts'
import { clusterRoleBinding } from '../../../shared/api/rbac/cluster-role-binding.ts'
import { role } from '../../../shared/api/rbac/role.ts'
import { roleBinding } from '../../../shared/api/rbac/role-binding.ts'
import { validateMeta } from '../../../shared/api/validate-meta.ts'
import { created, row, shown } from '../../support/kind-objects.ts'

const GROUP = 'rbac.authorization.k8s.io'
const metadata = { name: 'system:reader' }

t.test('rules', async (t) => {
  const rows: [rule: object, ofRole: string[], ofClusterRole: string[]][] = [
    [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }, [], []],
    [
      { verbs: ['get'], nonResourceURLs: ['/healthz'] },
      ['rules[0].nonResourceURLs: Invalid value: ["/healthz"]: namespaced rules cannot apply to non-resource URLs'],
      [],
    ],
    ...[
      {
        rule: { verbs: ['get'], apiGroups: [''] },
        wanted: ['rules[0].resources: Required value: resource rules must supply at least one resource'],
      },
      {
        rule: { apiGroups: [''], resources: ['pods'] },
        wanted: ['rules[0].verbs: Required value: verbs must contain at least one value'],
      },
      {
        rule: { verbs: ['get'], resources: ['pods'] },
        wanted: ['rules[0].apiGroups: Required value: resource rules must supply at least one api group'],
      },
    ].map(({ rule, wanted }): [object, string[], string[]] => [rule, wanted, wanted]),
  ]
  for (const [rule, ofRole, ofClusterRole] of rows) {
    t.same(shown(role.validate(created(role, { metadata, rules: [rule] }))), ofRole)
    t.same(shown(clusterRole.validate(created(clusterRole, { metadata, rules: [rule] }))), ofClusterRole)
  }
  const aggregated = created(clusterRole, { metadata, aggregationRule: {} })
  t.same(shown(clusterRole.validate(aggregated)), [
    'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
  ])
  t.same(shown(validateMeta(metadata, clusterRole)), [], 'names may have colons')
})

t.test('bindings', async (t) => {
  const roleRef = { kind: 'ClusterRole', name: 'admin' }
  const made = (fields: object) => created(roleBinding, { metadata, roleRef, ...fields })
  t.match(
    made({
      subjects: [
        { kind: 'User', name: 'a' },
        { kind: 'ServiceAccount', name: 'b', namespace: 'c' },
      ],
    }),
    {
      roleRef: { apiGroup: GROUP },
      subjects: [{ apiGroup: GROUP }, { apiGroup: undefined }],
    },
  )
  const rows: [fields: object, wanted: string[]][] = [
    [{}, []],
    [{ subjects: [{ kind: 'Group', name: 'g' }] }, []],
    [
      { roleRef: { kind: 'Pod', name: 'x' } },
      ['roleRef.kind: Unsupported value: "Pod": supported values: "ClusterRole", "Role"'],
    ],
    [{ roleRef: { kind: 'Role' } }, ['roleRef.name: Required value']],
    [{ subjects: [{ kind: 'ServiceAccount', name: 'b' }] }, []],
    [
      { subjects: [{ kind: 'Robot', name: 'b' }] },
      ['subjects[0].kind: Unsupported value: "Robot": supported values: "Group", "ServiceAccount", "User"'],
    ],
    [
      { subjects: [{ kind: 'User', name: 'b', apiGroup: 'x' }] },
      [`subjects[0].apiGroup: Unsupported value: "x": supported values: "${GROUP}"`],
    ],
  ]
  for (const [fields, wanted] of rows) t.same(shown(roleBinding.validate(made(fields))), wanted, JSON.stringify(fields))

  const everywhere = created(clusterRoleBinding, {
    metadata,
    roleRef: { kind: 'Role', name: 'x' },
    subjects: [{ kind: 'ServiceAccount', name: 'b' }],
  })
  t.same(shown(clusterRoleBinding.validate(everywhere)), [
    'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"',
    'subjects[0].namespace: Required value',
  ])
  t.same(shown(roleBinding.validateUpdate!(made({ roleRef: { kind: 'Role', name: 'x' } }), made({}))), [
    `roleRef: Invalid value: map[string]string{"apiGroup":"${GROUP}", "kind":"Role", "name":"x"}: cannot change roleRef`,
  ])
  const subjects = [
    { kind: 'User', name: 'a' },
    { kind: 'User', name: 'b' },
    { kind: 'ServiceAccount', name: 'c', namespace: 'd' },
  ]
  t.match(row(roleBinding, made({ subjects })), {
    Role: 'ClusterRole/admin',
    Users: 'a, b',
    Groups: '',
    ServiceAccounts: 'd/c',
  })
})
