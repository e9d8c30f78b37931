/** What a pod asks for that not every runtime gives. Pure. */
import type { Container, Pod } from '../../shared/api/pod/pod.ts'
import type { Feature } from '../runtime/runtime.ts'
import { resourceLimitsOf } from './resource-limits.ts'

function ofContainer(container: Container): Feature[] {
  const { securityContext: own = {}, volumeMounts = [] } = container
  const limits = resourceLimitsOf(container)
  const { cpuLimitMillis, memoryLimitBytes } = limits
  const { add = [], drop = [] } = own.capabilities ?? {}
  const asked: [Feature, boolean][] = [
    ['CPU limits', cpuLimitMillis !== undefined],
    ['memory limits', memoryLimitBytes !== undefined],
    ['users and groups', own.runAsUser !== undefined || own.runAsGroup !== undefined],
    ['capabilities', add.length + drop.length > 0],
    ['privilege escalation', own.allowPrivilegeEscalation === false],
    ['read-only root file systems', own.readOnlyRootFilesystem === true],
    ['read-only mounts', volumeMounts.some(({ name, readOnly }) => readOnly === true && !IMPLIED_VOLUME.test(name))],
    ['mount propagation', volumeMounts.some(({ mountPropagation = 'None' }) => mountPropagation === 'Bidirectional')],
    ['seccomp profiles', own.seccompProfile !== undefined && own.seccompProfile.type !== 'Unconfined'],
    ['AppArmor profiles', own.appArmorProfile !== undefined && own.appArmorProfile.type !== 'Unconfined'],
    ['SELinux labels', own.seLinuxOptions !== undefined],
  ]
  return asked.flatMap(([feature, isAsked]) => (isAsked ? [feature] : []))
}

/** Volumes that admission adds to every pod: what becomes of them is no news. */
const IMPLIED_VOLUME = /^kube-api-access-/

/** The features that the pod's spec names, each once. */
export function requestedFeatures({ spec }: Pod): Feature[] {
  const own = spec.securityContext ?? {}
  const groups = [...(own.supplementalGroups ?? []), ...(own.fsGroup === undefined ? [] : [own.fsGroup])]
  const asked: [Feature, boolean][] = [
    ['users and groups', own.runAsUser !== undefined || own.runAsGroup !== undefined || groups.length > 0],
    ['seccomp profiles', own.seccompProfile !== undefined && own.seccompProfile.type !== 'Unconfined'],
    ['AppArmor profiles', own.appArmorProfile !== undefined && own.appArmorProfile.type !== 'Unconfined'],
    ['SELinux labels', own.seLinuxOptions !== undefined],
    ['sysctls', (own.sysctls ?? []).length > 0],
    ['host aliases', (spec.hostAliases ?? []).length > 0],
    ['DNS settings', spec.dnsConfig !== undefined || spec.dnsPolicy === 'None'],
  ]
  const containers = [...(spec.initContainers ?? []), ...spec.containers]
  const ofPod = asked.flatMap(([feature, isAsked]) => (isAsked ? [feature] : []))
  return [...new Set([...ofPod, ...containers.flatMap(ofContainer)])]
}
