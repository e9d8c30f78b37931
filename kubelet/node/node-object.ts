/** The Node object as its kubelet makes it. Pure. */
import { isDeepStrictEqual } from 'node:util'
import type { Draft } from '../../shared/api/kind.ts'
import type { Node } from '../../shared/api/node/node.ts'
import type { NodeCondition } from '../../shared/api/node/node-status.ts'
import type { NodeImage } from '../images/node-images.ts'
import type { HostIdentity, HostResources } from './host-facts.ts'
import { amountOf, type PressureThresholds, type Reserved } from './thresholds.ts'

export const KUBELET_VERSION = 'v1.33.0+kubeproc'

/** What was decided about the node by its flags and its runtime. */
export interface NodeSettings {
  name: string
  ip: string
  /** Absent: none is recorded. */
  podCidr: string | undefined
  /** Beside those that every node has. */
  labels: Readonly<Record<string, string>>
  maxPods: number
  /** Port of the kubelet's server. */
  port: number
  /** As `process://0.1.0`. */
  runtimeVersion: string
  /** What pods may ask for without effect, as the Warning event `NotEnforced` calls it. Default: nothing. */
  unenforced?: readonly string[]
  /** Default: nothing. */
  reserved?: Reserved
}

type ResourceList = Record<string, string>

/** The labels that every node has. */
export const standardLabels = (name: string, { operatingSystem, architecture }: HostIdentity) => ({
  'beta.kubernetes.io/arch': architecture,
  'beta.kubernetes.io/os': operatingSystem,
  'kubernetes.io/arch': architecture,
  'kubernetes.io/hostname': name,
  'kubernetes.io/os': operatingSystem,
})

const kibibytes = (bytes: number) => `${Math.floor(bytes / 1024)}Ki`

/** Cores, in thousandths where they are no whole ones. */
const cores = (amount: number) => (Number.isInteger(amount) ? String(amount) : `${Math.round(amount * 1000)}m`)

/** What the node has, and what of it pods may have: not what is reserved, nor what pressure begins at. */
function amounts(
  { cpus }: HostIdentity,
  { memoryBytes, diskBytes }: HostResources,
  { maxPods, reserved = {} }: NodeSettings,
  thresholds: PressureThresholds,
): { capacity: ResourceList; allocatable: ResourceList } {
  const always = { 'hugepages-1Gi': '0', 'hugepages-2Mi': '0', pods: String(maxPods) }
  const left = (total: number, ...held: number[]) =>
    Math.max(
      0,
      held.reduce((rest, amount) => rest - amount, total),
    )
  const disk = left(diskBytes, amountOf(thresholds.disk, diskBytes), reserved['ephemeral-storage'] ?? 0)
  const memory = left(memoryBytes, amountOf(thresholds.memory, memoryBytes), reserved.memory ?? 0)
  return {
    capacity: {
      cpu: String(cpus),
      ...always,
      'ephemeral-storage': kibibytes(diskBytes),
      memory: kibibytes(memoryBytes),
    },
    allocatable: {
      cpu: cores(left(cpus, reserved.cpu ?? 0)),
      ...always,
      'ephemeral-storage': String(Math.floor(disk)),
      memory: kibibytes(memory),
    },
  }
}

export const nodeAddresses = ({ name, ip }: { name: string; ip: string }) => [
  { type: 'InternalIP', address: ip },
  { type: 'Hostname', address: name },
]

/** The status but for its conditions. */
export function nodeStatus(
  identity: HostIdentity,
  resources: HostResources,
  settings: NodeSettings,
  thresholds: PressureThresholds,
) {
  return {
    ...amounts(identity, resources, settings, thresholds),
    addresses: nodeAddresses(settings),
    daemonEndpoints: { kubeletEndpoint: { Port: settings.port } },
    nodeInfo: {
      machineID: identity.machineId,
      systemUUID: identity.systemUuid,
      bootID: identity.bootId,
      kernelVersion: identity.kernelVersion,
      osImage: identity.osImage,
      containerRuntimeVersion: settings.runtimeVersion,
      kubeletVersion: KUBELET_VERSION,
      kubeProxyVersion: '',
      operatingSystem: identity.operatingSystem,
      architecture: identity.architecture,
    },
  }
}
export type KubeletNodeStatus = ReturnType<typeof nodeStatus> & {
  conditions: NodeCondition[]
  /** Absent where nobody can tell. */
  images?: NodeImage[]
}

/** Names what pods may ask for in vain here, for `kubectl describe node`. Absent where that is nothing. */
const NOT_ENFORCED = 'kubeproc.io/not-enforced'
const notEnforced = ({ unenforced = [] }: NodeSettings): Record<string, string> =>
  unenforced.length === 0 ? {} : { [NOT_ENFORCED]: unenforced.join(', ') }

/** The node as it is created. */
export const newNode = (settings: NodeSettings, identity: HostIdentity, status: KubeletNodeStatus): Draft<Node> => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: settings.name,
    labels: { ...settings.labels, ...standardLabels(settings.name, identity) },
    annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true', ...notEnforced(settings) },
  },
  spec: settings.podCidr === undefined ? {} : { podCIDR: settings.podCidr, podCIDRs: [settings.podCidr] },
  status,
})

/**
 * The merge patch for a node that exists when its kubelet starts: labels and the annotation as they are due, and the
 * pod CIDR where there is none. Undefined where nothing is missing.
 */
export function registrationPatch(node: Node, settings: NodeSettings, identity: HostIdentity) {
  const wanted = { ...settings.labels, ...standardLabels(settings.name, identity) }
  const missing = Object.entries(wanted).filter(([key, value]) => node.metadata.labels?.[key] !== value)
  const needsCidr = settings.podCidr !== undefined && node.spec.podCIDR === undefined
  const { [NOT_ENFORCED]: told } = node.metadata.annotations ?? {}
  const { [NOT_ENFORCED]: due = null } = notEnforced(settings)
  const isTold = (told ?? null) === due
  if (missing.length === 0 && !needsCidr && isTold) return undefined
  const metadata = {
    ...(missing.length > 0 && { labels: Object.fromEntries(missing) }),
    ...(!isTold && { annotations: { [NOT_ENFORCED]: due } }),
  }
  return {
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...(needsCidr && { spec: { podCIDR: settings.podCidr, podCIDRs: [settings.podCidr] } }),
  }
}

/** Whether the API's conditions say the same, heartbeats aside. */
function hasSameConditions(stored: readonly NodeCondition[], wanted: readonly NodeCondition[]): boolean {
  return wanted.every(({ type, status, reason, message }) =>
    stored.some(
      (old) => old.type === type && old.status === status && old.reason === reason && old.message === message,
    ),
  )
}

/**
 * The strategic merge patch that brings the node's status to the wanted one, or nothing where it is there. With
 * `heartbeat` the conditions are part of it in any case. Conditions of others stay.
 */
export function nodeStatusPatch(node: Node, wanted: KubeletNodeStatus, { heartbeat }: { heartbeat: boolean }) {
  // An empty list and none at all are the same to the API.
  const stored = { images: [], ...node.status }
  const { conditions, ...rest } = wanted
  const changed: Record<string, unknown> = Object.fromEntries(
    Object.entries(rest).filter(([name, value]) => !isDeepStrictEqual(stored[name as keyof typeof stored], value)),
  )
  if (changed.addresses !== undefined && (stored.addresses ?? []).length > 0) {
    changed.addresses = [...wanted.addresses, { $patch: 'replace' }]
  }
  if (heartbeat || !hasSameConditions(stored.conditions ?? [], conditions)) changed.conditions = conditions
  return Object.keys(changed).length === 0 ? undefined : { status: changed }
}
