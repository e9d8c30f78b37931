import t from 'tap'
import { priorityClass as kind } from '../../../shared/api/priority-class.ts'
import { created, row, shown } from '../../support/kind-objects.ts'

const made = (name: string, fields: object) => created(kind, { metadata: { name }, ...fields })

t.test('validation', async (t) => {
  const reserved =
    "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: "
  const rows: [name: string, fields: object, wanted: string[]][] = [
    ['high', { value: 1_000_000_000 }, []],
    ['none', {}, []],
    [
      'high',
      { value: 1_000_000_001 },
      ['value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
    ],
    ['system-node-critical', { value: 2_000_001_000 }, []],
    [
      'system-node-critical',
      { value: 1 },
      [`${reserved}value of system-node-critical PriorityClass must be 2000001000`],
    ],
    ['system-mine', { value: 1 }, [`${reserved}system-mine is not a known system priority class`]],
    [
      'high',
      { value: 1, preemptionPolicy: 'Maybe' },
      ['preemptionPolicy: Unsupported value: "Maybe": supported values: "PreemptLowerPriority", "Never"'],
    ],
  ]
  for (const [name, fields, wanted] of rows)
    t.same(shown(kind.validate(made(name, fields))), wanted, `${name} ${JSON.stringify(fields)}`)
  t.same(
    shown(kind.validateUpdate!(made('high', { value: 2, preemptionPolicy: 'Never' }), made('high', { value: 1 }))),
    [
      'value: Forbidden: may not be changed in an update.',
      'preemptionPolicy: Invalid value: "Never": field is immutable',
    ],
  )
})

t.test('columns', async (t) => {
  t.same(row(kind, made('high', { value: 5 })), {
    Name: 'high',
    Value: 5,
    'Global-Default': false,
    Age: '<unknown>',
    PreemptionPolicy: 'PreemptLowerPriority',
  })
})
