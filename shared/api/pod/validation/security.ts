import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../../field-errors.ts'
import { validateSubdomain } from '../../names.ts'
import type { PodSecurityContext, PodSpec, SecurityContext } from '../pod.ts'
import { forEach, ifPresent, isDescendingPath, isId, isOneOf, obeys } from './rules.ts'

const PROFILE_TYPES = ['Localhost', 'RuntimeDefault', 'Unconfined']

/** Longest path on Linux. */
const MAX_PROFILE_PATH = 4095

const MAX_SYSCTL_NAME = 253
const SYSCTL_SEGMENT = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const SYSCTL_NAME = new RegExp(`^(${SYSCTL_SEGMENT}[\\./])*${SYSCTL_SEGMENT}$`)

const MAX_CREDENTIAL_SPEC_KIB = 64
const KIB = 1024

type SeccompProfile = NonNullable<SecurityContext['seccompProfile']>
type AppArmorProfile = NonNullable<SecurityContext['appArmorProfile']>
type WindowsOptions = NonNullable<SecurityContext['windowsOptions']>

function validateProfileType(type: string | undefined, path: string, field: string): FieldError[] {
  if (!type) return [required(`${path}.type`, `type is required when ${field} is set`)]
  return PROFILE_TYPES.includes(type) ? [] : [notSupported(`${path}.type`, type, PROFILE_TYPES)]
}

function validateSeccomp(profile: SeccompProfile, path: string): FieldError[] {
  const { type, localhostProfile: file } = profile
  const field = `${path}.localhostProfile`
  const errors = validateProfileType(type, path, 'seccompProfile')
  if (type !== 'Localhost')
    return file === undefined
      ? errors
      : [...errors, invalid(field, profile, 'can only be set when seccomp type is Localhost')]
  if (file === undefined) return [...errors, required(field, 'must be set when seccomp type is Localhost')]
  return [...errors, ...isDescendingPath(field, file)]
}

function validateAppArmor({ type, localhostProfile: file }: AppArmorProfile, path: string): FieldError[] {
  const field = `${path}.localhostProfile`
  const errors = validateProfileType(type, path, 'appArmorProfile')
  if (type !== 'Localhost')
    return file === undefined || errors.length > 0
      ? errors
      : [invalid(field, file, 'can only be set when AppArmor type is Localhost')]
  if (file === undefined) return [required(field, 'must be set when AppArmor type is Localhost')]
  if (file.trim() !== file) errors.push(invalid(field, file, 'must not be padded with whitespace'))
  else if (file === '') errors.push(required(field, 'must be set when AppArmor type is Localhost'))
  if (file.length > MAX_PROFILE_PATH) errors.push(tooLong(field, MAX_PROFILE_PATH))
  return errors
}

function validateWindowsOptions(options: WindowsOptions, path: string): FieldError[] {
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: spec, runAsUserName: user } = options
  const errors: FieldError[] = []
  if (name !== undefined) errors.push(...obeys(`${path}.gmsaCredentialSpecName`, name, validateSubdomain))
  if (spec === '')
    errors.push(invalid(`${path}.gmsaCredentialSpec`, spec, 'gmsaCredentialSpec cannot be an empty string'))
  else if (spec !== undefined && spec.length > MAX_CREDENTIAL_SPEC_KIB * KIB) {
    const detail = `gmsaCredentialSpec size must be under ${MAX_CREDENTIAL_SPEC_KIB} KiB`
    errors.push(invalid(`${path}.gmsaCredentialSpec`, spec, detail))
  }
  if (user === '') errors.push(invalid(`${path}.runAsUserName`, user, 'runAsUserName cannot be an empty string'))
  return errors
}

/** What containers and pods have in common. */
const validateCommon = (context: SecurityContext | PodSecurityContext, path: string): readonly FieldError[] => [
  ...isId(`${path}.runAsUser`, context.runAsUser),
  ...isId(`${path}.runAsGroup`, context.runAsGroup),
  ...ifPresent(context.seccompProfile, (profile) => validateSeccomp(profile, `${path}.seccompProfile`)),
  ...ifPresent(context.windowsOptions, (options) => validateWindowsOptions(options, `${path}.windowsOptions`)),
  ...ifPresent(context.appArmorProfile, (profile) => validateAppArmor(profile, `${path}.appArmorProfile`)),
]

function validateEscalation(context: SecurityContext, path: string): FieldError[] {
  if (context.allowPrivilegeEscalation !== false) return []
  const errors: FieldError[] = []
  const start = 'cannot set `allowPrivilegeEscalation` to false and'
  if (context.privileged) errors.push(invalid(path, context, `${start} \`privileged\` to true`))
  if (context.capabilities?.add?.includes('CAP_SYS_ADMIN'))
    errors.push(invalid(path, context, `${start} \`capabilities.Add\` CAP_SYS_ADMIN`))
  return errors
}

/** `usesHostUsers`: the pod has no user namespace of its own. */
export function validateSecurityContext(context: SecurityContext, path: string, usesHostUsers: boolean): FieldError[] {
  const { procMount } = context
  const errors = isOneOf(`${path}.procMount`, procMount, ['Default', 'Unmasked'])
  if (procMount === 'Unmasked' && usesHostUsers)
    errors.push(invalid(`${path}.procMount`, procMount, '`hostUsers` must be false to use `Unmasked`'))
  return [...errors, ...validateCommon(context, path), ...validateEscalation(context, path)]
}

/** Kernel parameters that belong to a namespace which the pod shares with the node. */
function validateSharedSysctl(name: string, path: string, { hostNetwork, hostIPC }: PodSpec): FieldError[] {
  const parameter = name.replaceAll('/', '.')
  const isNetwork = parameter.startsWith('net.')
  const isIpc = /^(kernel\.(sem$|shm|msg)|fs\.mqueue\.)/.test(parameter)
  if (isNetwork && hostNetwork) return [invalid(path, name, "may not be specified when 'hostNetwork' is true")]
  if (isIpc && hostIPC) return [invalid(path, name, "may not be specified when 'hostIPC' is true")]
  return []
}

function validateSysctls(spec: PodSpec, path: string): FieldError[] {
  const seen = new Set<string>()
  return forEach(spec.securityContext?.sysctls, path, ({ name = '' }, each) => {
    const field = `${each}.name`
    const errors: FieldError[] = []
    if (name === '') errors.push(required(field))
    else if (name.length > MAX_SYSCTL_NAME || !SYSCTL_NAME.test(name)) {
      const detail = `must have at most ${MAX_SYSCTL_NAME} characters and match regex ${SYSCTL_NAME.source.replaceAll('\\/', '/')}`
      errors.push(invalid(field, name, detail))
    } else if (seen.has(name)) errors.push(duplicate(field, name))
    seen.add(name)
    return [...errors, ...validateSharedSysctl(name, field, spec)]
  })
}

/** Errors of the pod's security context, and of the settings that belong to it. */
export function validatePodSecurity(spec: PodSpec, path: string): FieldError[] {
  const context = spec.securityContext ?? {}
  const field = `${path}.securityContext`
  const errors = [
    ...isId(`${field}.fsGroup`, context.fsGroup),
    ...validateCommon(context, field),
    ...forEach(context.supplementalGroups, `${field}.supplementalGroups`, (id, each) => isId(each, id)),
  ]
  if (spec.shareProcessNamespace && spec.hostPID) {
    const detail = 'ShareProcessNamespace and HostPID cannot both be enabled'
    errors.push(invalid(`${field}.shareProcessNamespace`, true, detail))
  }
  return [
    ...errors,
    ...validateSysctls(spec, `${field}.sysctls`),
    ...isOneOf(`${field}.fsGroupChangePolicy`, context.fsGroupChangePolicy, ['Always', 'OnRootMismatch']),
    ...isOneOf(`${field}.supplementalGroupsPolicy`, context.supplementalGroupsPolicy, ['Merge', 'Strict']),
    ...isOneOf(`${field}.seLinuxChangePolicy`, context.seLinuxChangePolicy, ['MountOption', 'Recursive']),
  ]
}

/** A pod with user IDs of its own shares nothing else with the node. */
export function validateHostUsers(spec: PodSpec, path: string): FieldError[] {
  if (spec.hostUsers !== false) return []
  const shared = { hostNetwork: spec.hostNetwork, HostPID: spec.hostPID, HostIPC: spec.hostIPC }
  return Object.entries(shared)
    .filter(([, isShared]) => isShared)
    .map(([name]) => forbidden(`${path}.${name}`, 'when `pod.Spec.HostUsers` is false'))
}
