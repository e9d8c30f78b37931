/** Validation of services (`ValidateService`), all but what allocation decides. */
import { at, duplicate, type FieldError, forbidden, invalid, required } from '../../field-errors.ts'
import {
  validateDnsLabel,
  validatePortName,
  validatePortNumber,
  validateQualifiedName,
  validateSubdomain,
} from '../names.ts'
import { forEach, isOneOf, isSetAndObeys, isSetToOneOf, obeys, obeysIfSet } from '../pod/validation/rules.ts'
import { validateLabels } from '../validate-meta.ts'
import { hasClusterIP, hasNodePorts, isExternallyAccessible, isHeadless } from './service-defaults.ts'
import {
  AFFINITIES,
  DISTRIBUTIONS,
  PROTOCOLS,
  SERVICE_TYPES,
  type ServicePort,
  type ServiceSpec,
  TRAFFIC_POLICIES,
} from './service-spec.ts'
import { validateAddresses } from './validate-addresses.ts'

/** Where the kubelets listen: their port must not be given away to others. */
const KUBELET_PORT = 10_250
const AFFINITY_SECONDS_MAX = 86_400

/** Numbers and names of ports are judged by rules of their own. */
function validateTargetPort(path: string, port: number | string): FieldError[] {
  if (typeof port === 'number') return validatePortNumber(port).map((detail) => invalid(path, port, detail))
  return obeys(path, port, validatePortName)
}

function validatePort(port: ServicePort, path: string, { needsName }: { needsName: boolean }): FieldError[] {
  const number = port.port ?? 0
  return [
    ...(needsName
      ? isSetAndObeys(`${path}.name`, port.name, validateDnsLabel)
      : obeysIfSet(`${path}.name`, port.name, validateDnsLabel)),
    ...validatePortNumber(number).map((detail) => invalid(`${path}.port`, number, detail)),
    ...isSetToOneOf(`${path}.protocol`, port.protocol, PROTOCOLS),
    ...validateTargetPort(`${path}.targetPort`, port.targetPort ?? number),
    ...obeysIfSet(`${path}.appProtocol`, port.appProtocol, validateQualifiedName),
  ]
}

/** A judge of elements that refuses those whose key has been seen. */
function unlessSeen<Item>(keyOf: (item: Item) => string, error: (item: Item, path: string) => FieldError) {
  const seen = new Set<string>()
  return (item: Item, path: string): FieldError[] => {
    const key = keyOf(item)
    if (key === '') return []
    if (seen.has(key)) return [error(item, path)]
    seen.add(key)
    return []
  }
}

function validatePorts(spec: ServiceSpec): FieldError[] {
  const { ports = [], type } = spec
  const path = 'spec.ports'
  if (ports.length === 0) return isHeadless(spec) || type === 'ExternalName' ? [] : [required(path)]
  const names = unlessSeen<ServicePort>(
    ({ name = '' }) => name,
    ({ name }, each) => duplicate(`${each}.name`, name),
  )
  const nodePorts = unlessSeen<ServicePort>(
    ({ nodePort = 0, protocol }) => (nodePort === 0 ? '' : `${protocol}/${nodePort}`),
    ({ nodePort }, each) => duplicate(`${each}.nodePort`, nodePort),
  )
  const pairs = unlessSeen<ServicePort>(
    ({ port, protocol }) => `${protocol}/${port}`,
    ({ port, protocol }, each) => duplicate(each, { protocol, port }),
  )
  return [
    ...(type === 'LoadBalancer'
      ? forEach(ports, path, ({ port }, each) =>
          port === KUBELET_PORT
            ? [invalid(each, port, `may not expose port ${KUBELET_PORT} externally since it is used by kubelet`)]
            : [],
        )
      : []),
    ...forEach(ports, path, (port, each) => [
      ...validatePort(port, each, { needsName: ports.length > 1 }),
      ...names(port, each),
    ]),
    ...(type === 'ClusterIP'
      ? forEach(ports, path, ({ nodePort = 0 }, each) =>
          nodePort === 0 ? [] : [forbidden(`${each}.nodePort`, "may not be used when `type` is 'ClusterIP'")],
        )
      : []),
    ...forEach(ports, path, nodePorts),
    ...forEach(ports, path, pairs),
  ]
}

function validateAffinity({ sessionAffinity, sessionAffinityConfig: config }: ServiceSpec): FieldError[] {
  const errors = isSetToOneOf('spec.sessionAffinity', sessionAffinity, AFFINITIES)
  const seconds = config?.clientIP?.timeoutSeconds
  if (sessionAffinity !== 'ClientIP' || seconds === undefined || (seconds > 0 && seconds <= AFFINITY_SECONDS_MAX))
    return errors
  const detail = `must be greater than 0 and less than ${AFFINITY_SECONDS_MAX}`
  return [...errors, invalid('spec.sessionAffinityConfig.clientIP.timeoutSeconds', seconds, detail)]
}

/** What each type asks for, or rules out. */
function validateType(spec: ServiceSpec): FieldError[] {
  const { type, clusterIPs = [], ipFamilies = [], ipFamilyPolicy, externalName = '' } = spec
  if (hasNodePorts(spec) && isHeadless(spec)) {
    const plural = `${type} services`
    return [invalid(at('spec.clusterIPs', 0), 'None', `may not be set to 'None' for ${plural}`)]
  }
  if (type !== 'ExternalName') return []
  const taken = { clusterIPs: clusterIPs.length > 0, ipFamilies: ipFamilies.length > 0, ipFamilyPolicy }
  return [
    ...Object.entries(taken)
      .filter(([, isTaken]) => isTaken)
      .map(([name]) => forbidden(`spec.${name}`, 'may not be set for ExternalName services')),
    ...isSetAndObeys('spec.externalName', externalName.replace(/\.$/, ''), validateSubdomain),
  ]
}

function validateTraffic(spec: ServiceSpec): FieldError[] {
  const { externalTrafficPolicy: external, internalTrafficPolicy, loadBalancerClass, loadBalancerSourceRanges } = spec
  const onlyBalanced = { loadBalancerSourceRanges: loadBalancerSourceRanges?.length, loadBalancerClass }
  const unbalanced = spec.type === 'LoadBalancer' ? [] : Object.entries(onlyBalanced).filter(([, value]) => value)
  return [
    ...unbalanced.map(([name]) => forbidden(`spec.${name}`, "may only be used when `type` is 'LoadBalancer'")),
    ...(isExternallyAccessible(spec)
      ? isSetToOneOf('spec.externalTrafficPolicy', external, TRAFFIC_POLICIES)
      : external
        ? [invalid('spec.externalTrafficPolicy', external, 'may only be set for externally-accessible services')]
        : []),
    ...(hasClusterIP(spec) ? isSetToOneOf('spec.internalTrafficPolicy', internalTrafficPolicy, TRAFFIC_POLICIES) : []),
    ...isOneOf('spec.trafficDistribution', spec.trafficDistribution, DISTRIBUTIONS),
  ]
}

/** All errors of a service's specification. */
export const validateService = (spec: ServiceSpec): FieldError[] => [
  ...validateType(spec),
  ...validatePorts(spec),
  ...validateLabels(spec.selector, 'spec.selector'),
  ...validateAffinity(spec),
  ...validateAddresses(spec),
  ...isSetToOneOf('spec.type', spec.type, SERVICE_TYPES),
  ...validateTraffic(spec),
]

/** A service keeps its address for as long as its type has one. */
export function validateServiceUpdate(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  const [before] = old.clusterIPs ?? []
  if (before === undefined || !hasClusterIP(old) || !hasClusterIP(spec) || spec.clusterIPs?.[0] === before) return []
  return [invalid(at('spec.clusterIPs', 0), spec.clusterIPs ?? [], 'may not change once set')]
}
