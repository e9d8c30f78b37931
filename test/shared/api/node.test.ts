import t from 'tap'
import { node } from '../../../shared/api/node/node.ts'
import { created, decoded, row, shown } from '../../support/kind-objects.ts'

const made = (spec: object = {}, status: object = {}, labels: Record<string, string> = {}) =>
  created(node, { metadata: { name: 'node-1', labels }, spec, status })

t.test('defaults', async (t) => {
  const { status } = made({}, { capacity: { cpu: 2, memory: '1024Mi' } })
  t.same(status.capacity, { cpu: '2', memory: '1Gi' })
  t.same(status.allocatable, { cpu: '2', memory: '1Gi' })
  t.not(status.allocatable, status.capacity)
  t.same(made({}, { capacity: { cpu: 2 }, allocatable: { cpu: 1 } }).status.allocatable, { cpu: '1' })
  t.same(made({ podCIDR: '10.0.0.0/24' }).spec, { podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24'] })
  t.same(made({ podCIDRs: ['10.0.0.0/24', 'fd00::/64'] }).spec.podCIDR, '10.0.0.0/24')
  t.same(made({ podCIDR: '10.0.1.0/24', podCIDRs: ['10.0.0.0/24'] }).spec.podCIDRs, ['10.0.1.0/24'])
})

t.test('validation', async (t) => {
  const taint = { key: 'k', value: 'v', effect: 'NoSchedule' }
  const rows: [title: string, spec: object, status: object, wanted: (string | RegExp)[]][] = [
    ['empty', {}, {}, []],
    ['taints', { taints: [taint, { ...taint, effect: 'NoExecute' }] }, {}, []],
    [
      'a taint twice',
      { taints: [taint, taint] },
      {},
      [/^spec.taints\[1\]: Duplicate value: .*taints must be unique by key and effect pair$/],
    ],
    [
      'a bad taint',
      { taints: [{ key: '-', value: '!', effect: 'Never' }] },
      {},
      [
        /^spec.taints\[0\].key: Invalid value: "-"/,
        /^spec.taints\[0\].value: Invalid value: "!"/,
        'spec.taints[0].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
      ],
    ],
    ['a taint without effect', { taints: [{ key: 'k' }] }, {}, ['spec.taints[0].effect: Required value']],
    [
      'bad ranges',
      { podCIDRs: ['10.0.0.0', '10.0.0.0/33'] },
      {},
      [/^spec.podCIDRs\[0\]: .*must be a valid CIDR value/, /^spec.podCIDRs\[1\]/],
    ],
    [
      'two ranges of a family',
      { podCIDRs: ['10.0.0.0/24', '10.0.1.0/24'] },
      {},
      [/no more than one CIDR for each IP family$/],
    ],
    [
      'less than nothing',
      {},
      { capacity: { cpu: '-1' }, allocatable: { cpu: '0' } },
      ['status.capacity[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
    ],
  ]
  for (const [title, spec, status, wanted] of rows) {
    const errors = shown(node.validate(made(spec, status)))
    t.match(errors, wanted, title)
    t.equal(errors.length, wanted.length, title)
  }
})

t.test('what stays once it is set', async (t) => {
  const errors = (spec: object, old: object) => shown(node.validateUpdate?.(made(spec), made(old)) ?? [])
  t.same(errors({ podCIDR: '10.0.0.0/24', providerID: 'x', unschedulable: true, taints: [] }, {}), [])
  t.same(errors({ podCIDR: '10.0.1.0/24' }, { podCIDR: '10.0.0.0/24' }), [
    'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
  ])
  t.same(errors({}, { providerID: 'x' }), [
    'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
  ])
  t.equal(errors({ externalID: 'x' }, {}).length, 1)
  t.equal(errors({ configSource: {} }, {}).length, 1)
})

t.test('an address occurs once', async (t) => {
  const address = { type: 'InternalIP', address: '127.0.0.1' }
  const object = made({}, { addresses: [address, { ...address, type: 'Hostname' }, address] })
  t.match(shown(node.validateStatusUpdate?.(object, object) ?? []), [/^status.addresses\[2\]: Duplicate value/])
})

t.test('columns', async (t) => {
  const ready = (status: string) => ({
    conditions: [
      { type: 'MemoryPressure', status: 'False' },
      { type: 'Ready', status },
    ],
  })
  const states: [spec: object, status: object, wanted: string][] = [
    [{}, {}, 'Unknown'],
    [{}, ready('True'), 'Ready'],
    [{}, ready('False'), 'NotReady'],
    [{}, ready('Unknown'), 'NotReady'],
    [{ unschedulable: true }, ready('True'), 'Ready,SchedulingDisabled'],
  ]
  for (const [spec, status, wanted] of states) t.equal(row(node, made(spec, status)).Status, wanted)

  const roles = (labels: Record<string, string>) => row(node, made({}, {}, labels)).Roles
  t.equal(roles({ a: 'b' }), '<none>')
  t.equal(
    roles({ 'node-role.kubernetes.io/worker': '', 'node-role.kubernetes.io/control-plane': '' }),
    'control-plane,worker',
  )
  t.equal(roles({ 'kubernetes.io/role': 'infra', 'node-role.kubernetes.io/': '' }), 'infra')

  t.same(row(node, made()), {
    Name: 'node-1',
    Status: 'Unknown',
    Roles: '<none>',
    Age: '<unknown>',
    Version: '',
    'Internal-IP': '<none>',
    'External-IP': '<none>',
    'OS-Image': '<unknown>',
    'Kernel-Version': '<unknown>',
    'Container-Runtime': '<unknown>',
  })
  const nodeInfo = {
    kubeletVersion: 'v1',
    osImage: 'Debian',
    kernelVersion: '6.1',
    containerRuntimeVersion: 'process://0',
  }
  t.match(row(node, made({}, { nodeInfo, addresses: [{ type: 'InternalIP', address: '127.0.0.1' }] })), {
    Version: 'v1',
    'Internal-IP': '127.0.0.1',
    'OS-Image': 'Debian',
    'Kernel-Version': '6.1',
    'Container-Runtime': 'process://0',
  })
})

t.test('fields', async (t) => {
  const read = node.selectableFields?.['spec.unschedulable']
  t.equal(read?.(decoded(node, {})), 'false')
  t.equal(read?.(made({ unschedulable: true })), 'true')
})
