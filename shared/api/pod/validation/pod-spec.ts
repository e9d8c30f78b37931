import { type FieldError, invalid, required } from '../../../field-errors.ts'
import { validateDnsLabel, validateSubdomain } from '../../names.ts'
import { validateLabels } from '../../validate-meta.ts'
import type { PodSpec } from '../pod.ts'
import { validateAffinity } from './affinity.ts'
import {
  type PodContext,
  validateContainers,
  validateEphemeralContainers,
  validateInitContainers,
} from './containers.ts'
import { validateDnsConfig, validateHostAliases } from './network.ts'
import { validateHostProcess, validateOperatingSystem } from './operating-system.ts'
import { validateOverhead, validatePodClaims, validatePodResources } from './resources.ts'
import { forEach, ifPresent, isInRange, isOneOf, isSetToOneOf, MAX_INT32, obeysIfSet } from './rules.ts'
import {
  validateReadinessGates,
  validateSchedulingGates,
  validateSpreadConstraints,
  validateTolerations,
} from './scheduling.ts'
import { validateHostUsers, validatePodSecurity } from './security.ts'
import { validateVolumes } from './volumes.ts'

/** The policies, in the order in which errors name them. */
const RESTART_POLICIES = ['Always', 'OnFailure', 'Never']
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']
const PREEMPTION_POLICIES = ['PreemptLowerPriority', 'Never']

/** Linux holds host names of at most so many characters. */
const MAX_HOSTNAME = 64

export interface SpecOptions {
  /** Name of the pod; a template has none. */
  podName?: string
  /** The spec is a pod's: ports of the node have been filled in. Default: a template's. */
  isPod?: boolean
}

/** On the network of the node, a port has one number. A template may leave it to the pod's defaults. */
const validateHostNetworkPorts = (spec: PodSpec, path: string, isPod: boolean): FieldError[] =>
  !spec.hostNetwork
    ? []
    : forEach(spec.containers, `${path}.containers`, ({ ports }, each) =>
        forEach(ports, `${each}.ports`, ({ hostPort = 0, containerPort }, port) =>
          (isPod || hostPort !== 0) && hostPort !== containerPort
            ? [invalid(`${port}.hostPort`, hostPort, 'must match `containerPort` when `hostNetwork` is true')]
            : [],
        ),
      )

function validateAllContainers(spec: PodSpec, path: string, context: PodContext): FieldError[] {
  const otherNames = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ name }) => name)
  return [
    ...validateContainers(spec.containers, `${path}.containers`, context),
    ...validateInitContainers(spec, `${path}.initContainers`, context),
    ...validateEphemeralContainers(spec.ephemeralContainers, `${path}.ephemeralContainers`, {
      ...context,
      otherNames,
    }),
  ]
}

/** Names of at most so many characters can be the host's own. */
const validateHostnameOverride = (name: string): string[] =>
  name.length > MAX_HOSTNAME ? [`must be no more than ${MAX_HOSTNAME} characters`] : validateSubdomain(name)

/** Everything about the pod as a whole, in upstream's order: clients see the errors in it. */
const validatePodFields = (spec: PodSpec, path: string): FieldError[] => [
  ...isSetToOneOf(`${path}.restartPolicy`, spec.restartPolicy, RESTART_POLICIES),
  ...isSetToOneOf(`${path}.dnsPolicy`, spec.dnsPolicy, DNS_POLICIES),
  ...validateLabels(spec.nodeSelector, `${path}.nodeSelector`),
  ...validatePodSecurity(spec, path),
  ...ifPresent(spec.affinity, (affinity) => validateAffinity(affinity, `${path}.affinity`)),
  ...validateDnsConfig(spec, `${path}.dnsConfig`),
  ...validateReadinessGates(spec.readinessGates, `${path}.readinessGates`),
  ...validateSchedulingGates(spec.schedulingGates, `${path}.schedulingGates`),
  ...validateSpreadConstraints(spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`),
  ...validateHostProcess(spec, path),
  ...validateHostUsers(spec, path),
  ...obeysIfSet(`${path}.serviceAccountName`, spec.serviceAccountName, validateSubdomain),
  ...obeysIfSet(`${path}.nodeName`, spec.nodeName, validateSubdomain),
  ...isInRange(`${path}.activeDeadlineSeconds`, spec.activeDeadlineSeconds, 1, MAX_INT32),
  ...obeysIfSet(`${path}.hostname`, spec.hostname, validateDnsLabel),
  ...obeysIfSet(`${path}.subdomain`, spec.subdomain, validateDnsLabel),
  ...obeysIfSet(`${path}.hostnameOverride`, spec.hostnameOverride, validateHostnameOverride),
  ...validateTolerations(spec.tolerations, `${path}.tolerations`),
  ...validateHostAliases(spec.hostAliases, `${path}.hostAliases`),
  ...obeysIfSet(`${path}.priorityClassName`, spec.priorityClassName, validateSubdomain),
  ...obeysIfSet(`${path}.runtimeClassName`, spec.runtimeClassName, validateSubdomain),
  ...isOneOf(`${path}.preemptionPolicy`, spec.preemptionPolicy, PREEMPTION_POLICIES),
  ...ifPresent(spec.overhead, (overhead) => validateOverhead(overhead, `${path}.overhead`)),
  ...validateOperatingSystem(spec, path),
]

/** All errors of a pod's spec, in a pod or in a template (upstream's `ValidatePodSpec`). `path`: `spec`, `spec.template.spec`. */
export function validatePodSpec(spec: PodSpec, path: string, { podName, isPod = false }: SpecOptions = {}) {
  const { terminationGracePeriodSeconds: graceSeconds } = spec
  const volumes = validateVolumes(spec.volumes, `${path}.volumes`, podName)
  const context: PodContext = {
    volumes: volumes.byName,
    claims: new Set((spec.resourceClaims ?? []).map(({ name }) => name)),
    graceSeconds,
    restartPolicy: spec.restartPolicy,
    usesHostUsers: spec.hostUsers !== false,
  }
  return [
    ...(graceSeconds === undefined ? [required(`${path}.terminationGracePeriodSeconds`)] : []),
    ...volumes.errors,
    ...validatePodClaims(spec.resourceClaims, `${path}.resourceClaims`),
    ...validateAllContainers(spec, path, context),
    ...ifPresent(spec.resources, (resources) => validatePodResources(resources, `${path}.resources`)),
    ...validateHostNetworkPorts(spec, path, isPod),
    ...validatePodFields(spec, path),
  ]
}
