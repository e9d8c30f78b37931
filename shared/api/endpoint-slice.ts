import { duplicate, type FieldError, invalid, required, tooMany } from '../field-errors.ts'
import { ageColumn, nameColumn } from './columns.ts'
import type { Kind } from './kind.ts'
import { typeMeta } from './meta.ts'
import { validateDnsLabel, validateQualifiedName, validateSubdomain } from './names.ts'
import { ObjectReference } from './object-reference.ts'
import { forEach, isSetAndObeys, isSetToOneOf, obeys, obeysIfSet } from './pod/validation/rules.ts'
import { boolean, choice, field, int32, list, map, object, type Static, text } from './schema.ts'
import { PROTOCOLS } from './service/service-spec.ts'
import { shownParts } from './shown-parts.ts'

const model = (name: string) => `io.k8s.api.discovery.v1.${name}`

const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6'] as const
const ENDPOINTS_MAX = 1000
const ADDRESSES_MAX = 100
const PORTS_MAX = 20_000
const HINTS_MAX = 8

const EndpointConditions = object(model('EndpointConditions'), 'What an endpoint is good for at the moment.', {
  ready: boolean('Whether it should get traffic. Absent: yes.'),
  serving: boolean('Whether it could take traffic, be it ending or not. Absent: as `ready` says.'),
  terminating: boolean('Whether it is ending. Absent: no.'),
})

const ForZone = object(
  model('ForZone'),
  'A zone whose clients should use an endpoint.',
  { name: text('Name of the zone.') },
  { required: ['name'] },
)

const ForNode = object(
  model('ForNode'),
  'A node whose clients should use an endpoint.',
  { name: text('Name of the node.') },
  { required: ['name'] },
)

const EndpointHints = object(model('EndpointHints'), 'Who should use an endpoint before others do.', {
  forZones: list(ForZone, 'Zones whose clients should use it.', { type: 'atomic' }),
  forNodes: list(ForNode, 'Nodes whose clients should use it.', { type: 'atomic' }),
})

const Endpoint = object(
  model('Endpoint'),
  'One that answers for a service.',
  {
    addresses: list(text('An address.'), 'Its addresses, which all lead to the same.', { type: 'set' }),
    conditions: field(EndpointConditions, 'What it is good for at the moment.', { default: {} }),
    hostname: text('Its name, beside others of the service.'),
    targetRef: field(ObjectReference, 'The object behind it: mostly a pod.'),
    deprecatedTopology: map(text('Value.'), 'Where it is, in words of the beta version.'),
    nodeName: text('Node on which it is.'),
    zone: text('Zone in which it is.'),
    hints: field(EndpointHints, 'Who should use it before others do.'),
  },
  { required: ['addresses', 'conditions'] },
)
type Endpoint = Static<typeof Endpoint>

const EndpointPort = object(
  model('EndpointPort'),
  'One port at which the endpoints of a slice listen.',
  {
    name: text('Name of the service’s port. Default: empty.'),
    protocol: choice('Protocol of the port.', PROTOCOLS, { default: 'TCP' }),
    port: int32('Number of the endpoints’ port. Absent: all ports.'),
    appProtocol: text('What is spoken above `protocol`, as a hint.'),
  },
  { required: ['name', 'protocol'], mapType: 'atomic' },
)

const schema = object(
  model('EndpointSlice'),
  'Some of those that answer for a service; the label `kubernetes.io/service-name` says for which.',
  {
    ...typeMeta,
    addressType: choice('What the addresses are: IPv4, IPv6 or names (FQDN). Cannot be changed.', ADDRESS_TYPES),
    endpoints: list(Endpoint, 'Those that answer; at most 1000.', { type: 'atomic' }),
    ports: list(EndpointPort, 'Ports of all of the endpoints; none means all ports.', { type: 'atomic' }),
  },
  { required: ['apiVersion', 'kind', 'metadata', 'addressType', 'endpoints'] },
)
export type EndpointSlice = Static<typeof schema>

const IPV4 = /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/

/** What is wrong with an address, by its type. Loopback addresses are fine: where the host’s network is shared, pods have them. */
const ADDRESS_RULES: Readonly<Record<string, (address: string) => string[]>> = {
  IPv4: (address) => (IPV4.test(address) ? [] : ['must be a valid IPv4 address']),
  IPv6: (address) => (/^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*$/.test(address) ? [] : ['must be a valid IPv6 address']),
  FQDN: validateSubdomain,
}

function validateHints({ forZones = [] }: NonNullable<Endpoint['hints']>, path: string): FieldError[] {
  if (forZones.length > HINTS_MAX) return [tooMany(`${path}.forZones`, forZones.length, HINTS_MAX)]
  return forEach(forZones, `${path}.forZones`, ({ name }, each) =>
    isSetAndObeys(`${each}.name`, name, validateDnsLabel),
  )
}

const validateEndpoint =
  (addressType: string) =>
  ({ addresses = [], hostname, nodeName, hints = {} }: Endpoint, path: string): FieldError[] => {
    const field = `${path}.addresses`
    const rule = ADDRESS_RULES[addressType] ?? (() => [])
    const errors = addresses.length === 0 ? [required(field, 'must contain at least 1 address')] : []
    if (addresses.length > ADDRESSES_MAX) errors.push(tooMany(field, addresses.length, ADDRESSES_MAX))
    return [
      ...errors,
      ...forEach(addresses, field, (address, each) => obeys(each, address, rule)),
      ...obeysIfSet(`${path}.nodeName`, nodeName, validateSubdomain),
      ...obeysIfSet(`${path}.hostname`, hostname, validateDnsLabel),
      ...validateHints(hints, `${path}.hints`),
    ]
  }

function validate({ addressType, endpoints = [], ports = [] }: EndpointSlice): FieldError[] {
  const errors = isSetToOneOf('addressType', addressType, ADDRESS_TYPES)
  const names = ports.map(({ name }) => name)
  if (endpoints.length > ENDPOINTS_MAX) errors.push(tooMany('endpoints', endpoints.length, ENDPOINTS_MAX))
  else errors.push(...forEach(endpoints, 'endpoints', validateEndpoint(addressType)))
  if (ports.length > PORTS_MAX) return [...errors, tooMany('ports', ports.length, PORTS_MAX)]
  return [
    ...errors,
    ...forEach(ports, 'ports', ({ name, protocol, appProtocol }, each, index) => [
      ...obeysIfSet(`${each}.name`, name, validateDnsLabel),
      ...(names.indexOf(name) < index ? [duplicate(`${each}.name`, name)] : []),
      ...isSetToOneOf(`${each}.protocol`, protocol, PROTOCOLS),
      ...obeysIfSet(`${each}.appProtocol`, appProtocol, validateQualifiedName),
    ]),
  ]
}

const UNSET = '<unset>'

export const endpointSlice: Kind<EndpointSlice> = {
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  singular: 'endpointslice',
  namespaced: true,
  schema,
  hasStatus: false,
  hasGeneration: true,
  // Names default to the empty one, which the schema cannot say: there it would count as absent.
  defaults: (slice) => {
    for (const port of slice.ports ?? []) port.name ??= ''
  },
  validate,
  validateUpdate: ({ addressType }, old) =>
    addressType === old.addressType ? [] : [invalid('addressType', addressType, 'field is immutable')],
  columns: [
    nameColumn,
    {
      name: 'AddressType',
      type: 'string',
      description: 'What the addresses are.',
      cell: ({ addressType }) => addressType,
    },
    {
      name: 'Ports',
      type: 'string',
      description: 'Ports of the endpoints.',
      cell: ({ ports = [] }) =>
        shownParts(
          ports.map(({ name, port }) => (port === undefined ? name || '*' : String(port))),
          UNSET,
        ),
    },
    {
      name: 'Endpoints',
      type: 'string',
      description: 'Addresses of the endpoints.',
      cell: ({ endpoints }) =>
        shownParts(
          endpoints.flatMap(({ addresses }) => addresses),
          UNSET,
        ),
    },
    ageColumn,
  ],
}
