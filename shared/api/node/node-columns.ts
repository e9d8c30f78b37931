import { ageColumn, nameColumn } from '../columns.ts'
import type { Column } from '../kind.ts'
import type { Node } from './node-model.ts'
import type { NodeSystemInfo } from './node-status.ts'

const NONE = '<none>'
const UNKNOWN = '<unknown>'
const ROLE_PREFIX = 'node-role.kubernetes.io/'
const ROLE_LABEL = 'kubernetes.io/role'

function statusCell({ spec, status }: Node): string {
  const ready = status.conditions?.find(({ type }) => type === 'Ready')
  const state = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'
  return spec.unschedulable === true ? `${state},SchedulingDisabled` : state
}

/** Roles are labels that name them; one label holds a role as its value. */
function rolesCell({ metadata }: Node): string {
  const roles = Object.entries(metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(ROLE_PREFIX)) return [key.slice(ROLE_PREFIX.length)]
    return key === ROLE_LABEL ? [value] : []
  })
  const named = new Set(roles.filter((role) => role !== ''))
  return named.size === 0 ? NONE : [...named].sort().join(',')
}

const addressCell = (wanted: string) => (node: Node) =>
  node.status.addresses?.find(({ type }) => type === wanted)?.address ?? NONE

const infoCell = (field: keyof NodeSystemInfo & string) => (node: Node) => {
  const value = node.status.nodeInfo?.[field]
  return typeof value === 'string' && value !== '' ? value : UNKNOWN
}

export const nodeColumns: readonly Column<Node>[] = [
  nameColumn,
  { name: 'Status', type: 'string', description: 'Whether the node is ready for pods.', cell: statusCell },
  { name: 'Roles', type: 'string', description: 'Roles that labels give the node.', cell: rolesCell },
  ageColumn,
  {
    name: 'Version',
    type: 'string',
    description: 'Version of the kubelet.',
    cell: ({ status }) => status.nodeInfo?.kubeletVersion ?? '',
  },
  {
    name: 'Internal-IP',
    type: 'string',
    priority: 1,
    description: 'Address in the cluster.',
    cell: addressCell('InternalIP'),
  },
  {
    name: 'External-IP',
    type: 'string',
    priority: 1,
    description: 'Address for the outside.',
    cell: addressCell('ExternalIP'),
  },
  {
    name: 'OS-Image',
    type: 'string',
    priority: 1,
    description: 'Operating system.',
    cell: infoCell('osImage'),
  },
  {
    name: 'Kernel-Version',
    type: 'string',
    priority: 1,
    description: 'Version of the kernel.',
    cell: infoCell('kernelVersion'),
  },
  {
    name: 'Container-Runtime',
    type: 'string',
    priority: 1,
    description: 'Name and version of the runtime.',
    cell: infoCell('containerRuntimeVersion'),
  },
]
