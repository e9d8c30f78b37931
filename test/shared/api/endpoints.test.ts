import t from 'tap'
import { endpointSlice } from '../../../shared/api/endpoint-slice.ts'
import { endpoints } from '../../../shared/api/endpoints.ts'
import { created, row, shown } from '../../support/kind-objects.ts'

const metadata = { name: 'web' }

t.test('Endpoints', async (t) => {
  const made = (subsets: object[]) => created(endpoints, { metadata, subsets })
  const rows: [subset: object, wanted: string[]][] = [
    [{ addresses: [{ ip: '127.1.1.2' }], ports: [{ port: 8080 }] }, []],
    [{}, ['subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`']],
    [
      { addresses: [{ ip: 'x' }] },
      ['subsets[0].addresses[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
    ],
    [
      { addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }, { name: 'b', port: 81, protocol: 'X' }] },
      [
        'subsets[0].ports[0].name: Required value',
        'subsets[0].ports[1].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
      ],
    ],
  ]
  for (const [subset, wanted] of rows) t.same(shown(endpoints.validate(made([subset]))), wanted, JSON.stringify(subset))

  const cell = (subsets: object[]) => row(endpoints, made(subsets)).Endpoints
  const addresses = ['1', '2', '3', '4', '5'].map((last) => ({ ip: `10.0.0.${last}` }))
  t.equal(cell([]), '<none>')
  t.equal(cell([{ addresses, ports: [{ port: 80 }] }]), '10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 2 more...')
  t.equal(cell([{ addresses: [{ ip: 'fd00::1' }], ports: [{ port: 80 }] }]), '[fd00::1]:80')
  t.equal(cell([{ addresses: addresses.slice(0, 1) }]), '10.0.0.1')
})

t.test('EndpointSlice', async (t) => {
  const made = (fields: object) => created(endpointSlice, { metadata, addressType: 'IPv4', endpoints: [], ...fields })
  t.match(made({ ports: [{ port: 80 }], endpoints: [{ addresses: ['10.0.0.1'] }] }), {
    ports: [{ name: '', protocol: 'TCP', port: 80 }],
    endpoints: [{ addresses: ['10.0.0.1'], conditions: {} }],
  })
  const rows: [fields: object, wanted: string[]][] = [
    [{ endpoints: [{ addresses: ['127.1.1.2'], conditions: { ready: true } }], ports: [{ port: 80 }] }, []],
    [{ addressType: undefined }, ['addressType: Required value']],
    [{ addressType: 'MAC' }, ['addressType: Unsupported value: "MAC": supported values: "FQDN", "IPv4", "IPv6"']],
    [{ endpoints: [{ addresses: [] }] }, ['endpoints[0].addresses: Required value: must contain at least 1 address']],
    [
      { endpoints: [{ addresses: ['fd00::1'] }] },
      ['endpoints[0].addresses[0]: Invalid value: "fd00::1": must be a valid IPv4 address'],
    ],
    [{ addressType: 'IPv6', endpoints: [{ addresses: ['fd00::1'] }] }, []],
    [{ ports: [{ port: 80 }, { port: 81 }] }, ['ports[1].name: Duplicate value: ""']],
    [
      { endpoints: Array.from({ length: 1001 }, () => ({ addresses: ['10.0.0.1'] })) },
      ['endpoints: Too many: 1001: must have at most 1000 items'],
    ],
  ]
  for (const [fields, wanted] of rows)
    t.same(shown(endpointSlice.validate(made(fields))), wanted, JSON.stringify(fields).slice(0, 80))
  t.same(shown(endpointSlice.validateUpdate!(made({ addressType: 'IPv6' }), made({}))), [
    'addressType: Invalid value: "IPv6": field is immutable',
  ])
  t.match(
    row(endpointSlice, made({ ports: [{ port: 80 }, { name: 'all' }], endpoints: [{ addresses: ['10.0.0.1'] }] })),
    {
      AddressType: 'IPv4',
      Ports: '80,all',
      Endpoints: '10.0.0.1',
    },
  )
  t.match(row(endpointSlice, made({})), { Ports: '<unset>', Endpoints: '<unset>' })
})
