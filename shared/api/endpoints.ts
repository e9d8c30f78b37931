import { at, type FieldError, invalid, required } from '../field-errors.ts'
import { joinHostPort } from '../host-port.ts'
import { ageColumn, nameColumn } from './columns.ts'
import type { Kind } from './kind.ts'
import { typeMeta } from './meta.ts'
import { validateDnsLabel, validatePortNumber, validateQualifiedName, validateSubdomain } from './names.ts'
import { ObjectReference } from './object-reference.ts'
import { coreModel } from './pod/core-model.ts'
import { forEach, isIpAddress, isSetAndObeys, isSetToOneOf, obeysIfSet } from './pod/validation/rules.ts'
import { choice, field, int32, list, object, type Static, text } from './schema.ts'
import { PROTOCOLS } from './service/service-spec.ts'
import { shownParts } from './shown-parts.ts'

const EndpointAddress = object(
  coreModel('EndpointAddress'),
  'One address that answers for a service.',
  {
    ip: text('The address.'),
    hostname: text('Name of this endpoint, beside others of the service.'),
    nodeName: text('Node on which the endpoint is.'),
    targetRef: field(ObjectReference, 'The object that is found at the address: mostly a pod.'),
  },
  { required: ['ip'], mapType: 'atomic' },
)

const EndpointPort = object(
  coreModel('EndpointPort'),
  'One port at which a service’s endpoints listen.',
  {
    name: text('Name of the service’s port.'),
    port: int32('Number of the endpoints’ port.'),
    protocol: choice('Protocol of the port.', PROTOCOLS, { default: 'TCP' }),
    appProtocol: text('What is spoken above `protocol`, as a hint.'),
  },
  { required: ['port', 'protocol'], mapType: 'atomic' },
)
type EndpointPort = Static<typeof EndpointPort>

const EndpointSubset = object(coreModel('EndpointSubset'), 'Addresses that have the same ports.', {
  addresses: list(EndpointAddress, 'Addresses that take traffic.', { type: 'atomic' }),
  notReadyAddresses: list(EndpointAddress, 'Addresses that take none at the moment.', { type: 'atomic' }),
  ports: list(EndpointPort, 'Ports of all of the addresses.', { type: 'atomic' }),
})
type EndpointSubset = Static<typeof EndpointSubset>

const schema = object(
  coreModel('Endpoints'),
  'Who answers for the service of the same name. The older form of EndpointSlices.',
  { ...typeMeta, subsets: list(EndpointSubset, 'Addresses with their ports.', { type: 'atomic' }) },
  { required: ['apiVersion', 'kind', 'metadata'] },
)
export type Endpoints = Static<typeof schema>

/** Loopback addresses are allowed, unlike upstream: where the host’s network is shared, pods have them. */
const validateAddress = ({ ip, hostname, nodeName }: Static<typeof EndpointAddress>, path: string): FieldError[] => [
  ...isIpAddress(`${path}.ip`, ip),
  ...obeysIfSet(`${path}.hostname`, hostname, validateDnsLabel),
  ...obeysIfSet(`${path}.nodeName`, nodeName, validateSubdomain),
]

const validatePort =
  (needsName: boolean) =>
  ({ name, port = 0, protocol, appProtocol }: EndpointPort, path: string): FieldError[] => [
    ...(needsName
      ? isSetAndObeys(`${path}.name`, name, validateDnsLabel)
      : obeysIfSet(`${path}.name`, name, validateDnsLabel)),
    ...validatePortNumber(port).map((detail) => invalid(`${path}.port`, port, detail)),
    ...isSetToOneOf(`${path}.protocol`, protocol, PROTOCOLS),
    ...obeysIfSet(`${path}.appProtocol`, appProtocol, validateQualifiedName),
  ]

function validateSubset({ addresses = [], notReadyAddresses = [], ports = [] }: EndpointSubset, path: string) {
  return [
    ...(addresses.length + notReadyAddresses.length === 0
      ? [required(path, 'must specify `addresses` or `notReadyAddresses`')]
      : []),
    ...forEach(addresses, `${path}.addresses`, validateAddress),
    ...forEach(notReadyAddresses, `${path}.notReadyAddresses`, validateAddress),
    ...forEach(ports, `${path}.ports`, validatePort(ports.length > 1)),
  ]
}

const reachable = ({ subsets = [] }: Endpoints): string[] =>
  subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0
      ? addresses.map(({ ip }) => ip)
      : ports.flatMap(({ port }) => addresses.map(({ ip }) => joinHostPort(ip, port))),
  )

export const endpoints: Kind<Endpoints> = {
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  namespaced: true,
  schema,
  hasStatus: false,
  hasGeneration: false,
  createsOnUpdate: true,
  validate: ({ subsets = [] }) => subsets.flatMap((subset, index) => validateSubset(subset, at('subsets', index))),
  columns: [
    nameColumn,
    {
      name: 'Endpoints',
      type: 'string',
      description: 'Addresses that take traffic.',
      cell: (object) => shownParts(reachable(object), '<none>'),
    },
    ageColumn,
  ],
}
