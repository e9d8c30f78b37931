import { formatSelector, selectorFromMap } from '../../labels.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import type { Column } from '../kind.ts'
import type { Service } from './service.ts'

const NONE = '<none>'

const orNone = (texts: readonly string[]) => (texts.length === 0 ? NONE : texts.join(','))

function externalAddress({ spec, status }: Service): string {
  const { externalIPs = [], externalName = '' } = spec
  switch (spec.type) {
    case 'ExternalName':
      return externalName
    case 'LoadBalancer': {
      const ways = (status.loadBalancer.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '')
      const addresses = [...ways.filter((address) => address !== ''), ...externalIPs]
      return addresses.length === 0 ? '<pending>' : addresses.join(',')
    }
    default:
      return orNone(externalIPs)
  }
}

const portText = ({ port, protocol, nodePort = 0 }: NonNullable<Service['spec']['ports']>[number]) =>
  nodePort === 0 ? `${port}/${protocol}` : `${port}:${nodePort}/${protocol}`

export const serviceColumns: readonly Column<Service>[] = [
  nameColumn,
  { name: 'Type', type: 'string', description: 'From where it is reached.', cell: ({ spec }) => spec.type },
  {
    name: 'Cluster-IP',
    type: 'string',
    description: 'Address of the service.',
    cell: ({ spec }) => spec.clusterIPs?.[0] ?? NONE,
  },
  { name: 'External-IP', type: 'string', description: 'Where it is found from outside.', cell: externalAddress },
  {
    name: 'Port(s)',
    type: 'string',
    description: 'Ports, with those of the nodes after a colon.',
    cell: ({ spec }) => orNone((spec.ports ?? []).map(portText)),
  },
  ageColumn,
  {
    name: 'Selector',
    type: 'string',
    priority: 1,
    description: 'Labels of the pods that answer.',
    cell: ({ spec }) => formatSelector(selectorFromMap(spec.selector)) || NONE,
  },
]
