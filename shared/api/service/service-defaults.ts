/** What services get where their client leaves it out. All functions change the specification that they are given. */
import type { ServiceSpec } from './service-spec.ts'

/** Upstream's default: three hours. */
const AFFINITY_TIMEOUT_SECONDS = 10_800

export const isHeadless = ({ clusterIP }: ServiceSpec): boolean => clusterIP === 'None'

/** Whether the service is reached at the nodes. */
export const hasNodePorts = ({ type }: ServiceSpec): boolean => type === 'NodePort' || type === 'LoadBalancer'

/** Whether a service of this type has an address of its own. */
export const hasClusterIP = (spec: ServiceSpec): boolean => spec.type === 'ClusterIP' || hasNodePorts(spec)

/** Whether traffic from outside the cluster reaches the service. */
export const isExternallyAccessible = (spec: ServiceSpec): boolean =>
  hasNodePorts(spec) || (spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0)

function defaultAffinity(spec: ServiceSpec): void {
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig
  if (spec.sessionAffinity !== 'ClientIP' || spec.sessionAffinityConfig?.clientIP?.timeoutSeconds !== undefined) return
  spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: AFFINITY_TIMEOUT_SECONDS } }
}

/** Defaults that depend on several fields. */
export function serviceDefaults(spec: ServiceSpec): void {
  defaultAffinity(spec)
  for (const port of spec.ports ?? []) if (port.targetPort === '' || port.targetPort === 0) port.targetPort = port.port
  if (isExternallyAccessible(spec)) spec.externalTrafficPolicy ||= 'Cluster'
  if (hasClusterIP(spec)) spec.internalTrafficPolicy ??= 'Cluster'
  if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true
  // Two ways to say the same: whoever gives one means both.
  if ((spec.clusterIPs ?? []).length === 0 && spec.clusterIP) spec.clusterIPs = [spec.clusterIP]
}

/** The IP families of the addresses that the client has chosen, else IPv4, the family of this cluster. */
function familiesOf({ clusterIPs = [] }: ServiceSpec): NonNullable<ServiceSpec['ipFamilies']> {
  const chosen = clusterIPs.filter((address) => address !== 'None')
  return chosen.length === 0 ? ['IPv4'] : chosen.map((address) => (address.includes(':') ? 'IPv6' : 'IPv4'))
}

/** Says of which IP families the service is. A headless one without a selector may be of both: its maker says. */
export function setAddressFamilies(spec: ServiceSpec): void {
  if (!hasClusterIP(spec)) return
  const mayBeBoth = isHeadless(spec) && Object.keys(spec.selector ?? {}).length === 0
  if (mayBeBoth && spec.ipFamilyPolicy === undefined && spec.ipFamilies === undefined) {
    spec.ipFamilies = ['IPv4', 'IPv6']
    spec.ipFamilyPolicy = 'RequireDualStack'
    return
  }
  spec.ipFamilies ??= familiesOf(spec)
  spec.ipFamilyPolicy ??= spec.ipFamilies.length > 1 ? 'RequireDualStack' : 'SingleStack'
}

/** Drops what only services with an address have, where the client left it as it was. */
function dropAddresses(spec: ServiceSpec, old: ServiceSpec): void {
  if (spec.clusterIP === undefined || spec.clusterIP === old.clusterIP) {
    delete spec.clusterIP
    delete spec.clusterIPs
  }
  delete spec.ipFamilies
  delete spec.ipFamilyPolicy
}

function keepAddresses(spec: ServiceSpec, old: ServiceSpec): void {
  if (!spec.clusterIP && (spec.clusterIPs ?? []).length === 0) {
    if (old.clusterIP !== undefined) spec.clusterIP = old.clusterIP
    if (old.clusterIPs !== undefined) spec.clusterIPs = [...old.clusterIPs]
  }
  if (old.ipFamilies !== undefined) spec.ipFamilies ??= [...old.ipFamilies]
  if (old.ipFamilyPolicy !== undefined) spec.ipFamilyPolicy ??= old.ipFamilyPolicy
}

function keepNodePorts(spec: ServiceSpec, old: ServiceSpec): void {
  const kept = new Map((old.ports ?? []).map(({ port, protocol, nodePort }) => [`${protocol}/${port}`, nodePort]))
  for (const port of spec.ports ?? []) {
    const nodePort = kept.get(`${port.protocol}/${port.port}`)
    if (nodePort !== undefined) port.nodePort ??= nodePort
  }
}

/** A client that leaves out what was allocated, as one that applies its own manifest again does, means no change. */
export function keepAllocated(spec: ServiceSpec, old: ServiceSpec): void {
  if (hasClusterIP(old)) {
    if (hasClusterIP(spec)) keepAddresses(spec, old)
    else dropAddresses(spec, old)
  }
  if (hasNodePorts(old) && hasNodePorts(spec)) keepNodePorts(spec, old)
}
