/** What RoleBindings and ClusterRoleBindings have in common: to whom they give which role. */
import { at, type FieldError, invalid, notSupported, required } from '../../field-errors.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import type { Column, KubeObject } from '../kind.ts'
import { typeMeta } from '../meta.ts'
import { validatePathSegment, validateSubdomain } from '../names.ts'
import { obeys } from '../pod/validation/rules.ts'
import { field, list, object, type Static, text } from '../schema.ts'
import { RBAC_GROUP, rbacModel } from './rbac-group.ts'

const SERVICE_ACCOUNT = 'ServiceAccount'
const SUBJECT_KINDS = [SERVICE_ACCOUNT, 'User', 'Group']

const Subject = object(
  rbacModel('Subject'),
  'Someone to whom a role is given.',
  {
    kind: text('User, Group or ServiceAccount.'),
    apiGroup: text(
      'Group of the kind. Default: that of roles for users and groups, the empty one for service accounts.',
      {
        default: ({ kind }) => (kind === 'User' || kind === 'Group' ? RBAC_GROUP : undefined),
      },
    ),
    name: text('Name of the user, group or account.'),
    namespace: text('Namespace of the account. Default in a RoleBinding: its own.'),
  },
  { required: ['kind', 'name'], mapType: 'atomic' },
)
export type Subject = Static<typeof Subject>

const RoleRef = object(
  rbacModel('RoleRef'),
  'The role that is given.',
  {
    apiGroup: text('Group of the role.', { default: RBAC_GROUP }),
    kind: text('Role or ClusterRole.'),
    name: text('Name of the role.'),
  },
  { required: ['apiGroup', 'kind', 'name'], mapType: 'atomic' },
)
export type RoleRef = Static<typeof RoleRef>

export const bindingFields = {
  ...typeMeta,
  subjects: list(Subject, 'To whom the role is given.', { type: 'atomic' }),
  roleRef: field(RoleRef, 'The role. Cannot be changed.', { default: {} }),
}

interface Binding extends KubeObject {
  subjects?: Subject[]
  roleRef: RoleRef
}

function validateSubject(
  { kind = '', apiGroup = '', name = '', namespace = '' }: Subject,
  path: string,
  isNamespaced: boolean,
): FieldError[] {
  const errors = name === '' ? [required(`${path}.name`)] : []
  if (!SUBJECT_KINDS.includes(kind)) return [...errors, notSupported(`${path}.kind`, kind, [...SUBJECT_KINDS].sort())]
  const wanted = kind === SERVICE_ACCOUNT ? '' : RBAC_GROUP
  if (kind === SERVICE_ACCOUNT && name !== '') errors.push(...obeys(`${path}.name`, name, validateSubdomain))
  if (apiGroup !== wanted) errors.push(notSupported(`${path}.apiGroup`, apiGroup, [wanted]))
  if (kind === SERVICE_ACCOUNT && namespace === '' && !isNamespaced) errors.push(required(`${path}.namespace`))
  return errors
}

interface BindingRules {
  /** The kinds of roles that may be given. */
  roleKinds: readonly string[]
  /** Accounts without a namespace are those of the binding's own. */
  isNamespaced: boolean
}

export function validateBinding(
  { roleRef, subjects = [] }: Binding,
  { roleKinds, isNamespaced }: BindingRules,
): FieldError[] {
  const { apiGroup, kind = '', name = '' } = roleRef
  const errors = apiGroup === RBAC_GROUP ? [] : [notSupported('roleRef.apiGroup', apiGroup, [RBAC_GROUP])]
  if (!roleKinds.includes(kind)) errors.push(notSupported('roleRef.kind', kind, roleKinds))
  errors.push(...(name === '' ? [required('roleRef.name')] : obeys('roleRef.name', name, validatePathSegment)))
  return [
    ...errors,
    ...subjects.flatMap((subject, index) => validateSubject(subject, at('subjects', index), isNamespaced)),
  ]
}

export function validateBindingUpdate({ roleRef }: Binding, { roleRef: old }: Binding): FieldError[] {
  const isSame = roleRef.kind === old.kind && roleRef.name === old.name && roleRef.apiGroup === old.apiGroup
  return isSame ? [] : [invalid('roleRef', roleRef, 'cannot change roleRef')]
}

const subjectsColumn = (name: string, kind: string, show: (subject: Subject) => string): Column<Binding> => ({
  name,
  type: 'string',
  priority: 1,
  description: `Those of kind ${kind} to whom the role is given.`,
  cell: ({ subjects = [] }) =>
    subjects
      .filter((subject) => subject.kind === kind)
      .map(show)
      .join(', '),
})

export const bindingColumns: readonly Column<Binding>[] = [
  nameColumn,
  {
    name: 'Role',
    type: 'string',
    description: 'The role.',
    cell: ({ roleRef: { kind, name } }) => `${kind}/${name}`,
  },
  ageColumn,
  subjectsColumn('Users', 'User', ({ name }) => name),
  subjectsColumn('Groups', 'Group', ({ name }) => name),
  subjectsColumn('ServiceAccounts', SERVICE_ACCOUNT, ({ name, namespace = '' }) => `${namespace}/${name}`),
]
