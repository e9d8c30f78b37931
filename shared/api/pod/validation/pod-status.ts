/** What may change of a pod's status (upstream's `ValidatePodStatusUpdate`). */
import { isIPv4 } from 'node:net'
import { at, duplicate, type FieldError, forbidden, invalid } from '../../../field-errors.ts'
import { validateQualifiedName, validateSubdomain } from '../../names.ts'
import type { ContainerStatus, Pod, PodStatus } from '../pod.ts'
import { isSidecar } from '../pod-columns.ts'
import { forEach, isIpAddress, isNotNegative, obeys, obeysIfSet } from './rules.ts'

const SYSTEM_CONDITIONS = new Set(['PodScheduled', 'Ready', 'Initialized'])
const IP_FAMILIES = 2

/** Upstream reports them below metadata. */
const validateConditions = (conditions: PodStatus['conditions']): FieldError[] =>
  forEach(conditions, 'metadata.conditions', ({ type = '' }, each) =>
    SYSTEM_CONDITIONS.has(type) ? [] : obeys(`${each}.Type`, type, validateQualifiedName),
  )

/** An ended container that its policy does not restart stays ended. */
function validateTransitions(
  statuses: readonly ContainerStatus[] | undefined,
  old: readonly ContainerStatus[] | undefined,
  { path, mayRestart }: { path: string; mayRestart: (status: ContainerStatus) => boolean },
): FieldError[] {
  return forEach(old, path, (before, each) => {
    const now = (statuses ?? []).find(({ name }) => name === before.name)
    const isRevived = before.state?.terminated !== undefined && now !== undefined && now.state?.terminated === undefined
    return isRevived && !mayRestart(before)
      ? [forbidden(`${each}.state`, 'may not be transitioned to non-terminated state')]
      : []
  })
}

/** At most one address of each IP family, and none twice. */
function validateAddresses(addresses: readonly { ip: string }[] | undefined, path: string): FieldError[] {
  const ips = (addresses ?? []).map(({ ip }) => ip)
  const errors = forEach(ips, path, (ip, each, index) => [
    ...isIpAddress(each, ip),
    ...(ips.indexOf(ip) < index ? [duplicate(each, { ip })] : []),
  ])
  const families = new Set(ips.map(isIPv4))
  if (ips.length > IP_FAMILIES || (ips.length === IP_FAMILIES && families.size < IP_FAMILIES))
    errors.push(invalid(path, addresses, 'may specify no more than one IP for each IP family'))
  return errors
}

function validateHostAddresses({ hostIP, hostIPs }: PodStatus): FieldError[] {
  const first = hostIPs?.[0]?.ip
  const path = 'status.hostIPs'
  return [
    ...(first !== undefined && first !== (hostIP ?? '')
      ? [invalid(`${at(path, 0)}.ip`, first, 'must be equal to `hostIP`')]
      : []),
    ...validateAddresses(hostIPs, path),
  ]
}

function validateClaimStatuses({ status, spec }: Pod): FieldError[] {
  const claims = new Set((spec.resourceClaims ?? []).map(({ name }) => name))
  const seen = new Set<string>()
  return forEach(status.resourceClaimStatuses, 'status.resourceClaimStatuses', ({ name, resourceClaimName }, each) => {
    const errors: FieldError[] = []
    if (!claims.has(name))
      errors.push(invalid(`${each}.name`, name, 'must match the name of an entry in `spec.resourceClaims`'))
    if (seen.has(name)) errors.push(duplicate(`${each}.name`, name))
    seen.add(name)
    return [...errors, ...obeysIfSet(`${each}.name`, resourceClaimName, validateSubdomain)]
  })
}

export function validatePodStatusUpdate(pod: Pod, old: Pod): FieldError[] {
  const { status } = pod
  const { restartPolicy, initContainers = [] } = old.spec
  const errors = validateConditions(status.conditions)
  if (status.nominatedNodeName !== old.status.nominatedNodeName)
    errors.push(...obeysIfSet('status.nominatedNodeName', status.nominatedNodeName, validateSubdomain))
  if (status.qosClass !== old.status.qosClass)
    errors.push(invalid('status.qosClass', status.qosClass, 'field is immutable'))
  const mayRestart = ({ state }: ContainerStatus) =>
    restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && state.terminated?.exitCode !== 0)
  const mayRestartInit = (container: ContainerStatus) =>
    mayRestart(container) || isSidecar(initContainers.find(({ name }) => name === container.name))
  return [
    ...errors,
    ...isNotNegative('status.observedGeneration', status.observedGeneration),
    ...validateTransitions(status.containerStatuses, old.status.containerStatuses, {
      path: 'status.containerStatuses',
      mayRestart,
    }),
    ...validateTransitions(status.initContainerStatuses, old.status.initContainerStatuses, {
      path: 'status.initContainerStatuses',
      mayRestart: mayRestartInit,
    }),
    // Ephemeral containers are never restarted.
    ...validateTransitions(status.ephemeralContainerStatuses, old.status.ephemeralContainerStatuses, {
      path: 'status.ephemeralContainerStatuses',
      mayRestart: () => false,
    }),
    ...validateClaimStatuses(pod),
    ...validateAddresses(status.podIPs, 'status.podIPs'),
    ...validateHostAddresses(status),
  ]
}
