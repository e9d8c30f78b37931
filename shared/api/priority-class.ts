import { type FieldError, forbidden, invalid } from '../field-errors.ts'
import { ageColumn, nameColumn } from './columns.ts'
import type { Kind } from './kind.ts'
import { typeMeta } from './meta.ts'
import { isOneOf } from './pod/validation/rules.ts'
import { boolean, choice, int32, object, type Static, text } from './schema.ts'
import { SYSTEM_PRIORITIES } from './system-priorities.ts'

/** Above it only the classes of the system itself may be. */
const USER_PRIORITY_MAX = 1_000_000_000
const SYSTEM_PREFIX = 'system-'
const POLICIES = ['PreemptLowerPriority', 'Never'] as const

const schema = object(
  'io.k8s.api.scheduling.v1.PriorityClass',
  'A name for how important pods are: the more so, the earlier they are scheduled.',
  {
    ...typeMeta,
    value: int32('The priority that pods of this class get. Cannot be changed.'),
    globalDefault: boolean('Whether pods that name no class get this one; at most one class may say so.'),
    description: text('When to use the class, for people.'),
    preemptionPolicy: choice('Whether pods of this class may push others out of their nodes.', POLICIES, {
      default: 'PreemptLowerPriority',
    }),
  },
  { required: ['apiVersion', 'kind', 'metadata', 'value', 'preemptionPolicy'] },
)
export type PriorityClass = Static<typeof schema>

/** Why a class may not have the system's prefix in its name; undefined where it may. */
function systemNameError({ metadata: { name }, value, globalDefault = false }: PriorityClass): string | undefined {
  const wanted = SYSTEM_PRIORITIES.get(name)
  if (wanted === undefined) return `${name} is not a known system priority class`
  if (value !== wanted) return `value of ${name} PriorityClass must be ${wanted}`
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined
}

function validate(priorityClass: PriorityClass): FieldError[] {
  const { metadata, value = 0, preemptionPolicy } = priorityClass
  const errors: FieldError[] = []
  if ((metadata.name ?? '').startsWith(SYSTEM_PREFIX)) {
    const detail = systemNameError(priorityClass)
    const reserved = `priority class names with '${SYSTEM_PREFIX}' prefix are reserved for system use only`
    if (detail !== undefined) errors.push(forbidden('metadata.name', `${reserved}. error: ${detail}`))
  } else if (value > USER_PRIORITY_MAX)
    errors.push(forbidden('value', `maximum allowed value of a user defined priority is ${USER_PRIORITY_MAX}`))
  return [...errors, ...isOneOf('preemptionPolicy', preemptionPolicy, POLICIES)]
}

function validateUpdate({ value, preemptionPolicy }: PriorityClass, old: PriorityClass): FieldError[] {
  const errors: FieldError[] = []
  if (value !== old.value) errors.push(forbidden('value', 'may not be changed in an update.'))
  if (preemptionPolicy !== old.preemptionPolicy)
    errors.push(invalid('preemptionPolicy', preemptionPolicy, 'field is immutable'))
  return errors
}

export const priorityClass: Kind<PriorityClass> = {
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  singular: 'priorityclass',
  shortNames: ['pc'],
  namespaced: false,
  schema,
  hasStatus: false,
  hasGeneration: false,
  createsOnUpdate: true,
  defaults: (priorityClass) => {
    priorityClass.value ??= 0
  },
  // Upstream counts the first generation and, since nothing that matters can change, no other.
  prepareForCreate: ({ metadata }) => {
    metadata.generation = 1
  },
  validate,
  validateUpdate,
  columns: [
    nameColumn,
    { name: 'Value', type: 'integer', description: 'The priority.', cell: ({ value }) => value },
    {
      name: 'Global-Default',
      type: 'boolean',
      description: 'Whether pods that name no class get this one.',
      cell: ({ globalDefault = false }) => globalDefault,
    },
    ageColumn,
    {
      name: 'PreemptionPolicy',
      type: 'string',
      description: 'Whether its pods may push others out of their nodes.',
      cell: ({ preemptionPolicy }) => preemptionPolicy,
    },
  ],
}
