import { type FieldError, forbidden, invalid, notSupported, required } from '../../../field-errors.ts'
import type { PodSpec } from '../pod.ts'
import { containersWithPaths } from './container-paths.ts'

const SYSTEMS = ['linux', 'windows']
const NOT_ON_LINUX = 'windows options cannot be set for a linux pod'
const NOT_ON_WINDOWS = 'cannot be set for a windows pod'

/** What only Linux knows. */
const LINUX_POD_FIELDS = ['hostUsers', 'hostPID', 'hostIPC', 'shareProcessNamespace'] as const
const LINUX_POD_CONTEXT = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
] as const
const LINUX_CONTAINER_CONTEXT = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const

/** Refuses the named fields of an object where they are set. */
function refuse<Value extends object>(
  value: Value | undefined,
  fields: readonly (keyof Value & string)[],
  path: string,
) {
  return fields
    .filter((field) => value?.[field] !== undefined && value[field] !== false)
    .map((field) => forbidden(`${path}.${field}`, NOT_ON_WINDOWS))
}

function validateLinux(spec: PodSpec, path: string): FieldError[] {
  const contexts = [{ container: spec, path }, ...containersWithPaths(spec, path)]
  return contexts
    .filter(({ container }) => container.securityContext?.windowsOptions !== undefined)
    .map((each) => forbidden(`${each.path}.securityContext.windowsOptions`, NOT_ON_LINUX))
}

const validateWindows = (spec: PodSpec, path: string): FieldError[] => [
  ...refuse(spec, LINUX_POD_FIELDS, path),
  ...refuse(spec.securityContext, LINUX_POD_CONTEXT, `${path}.securityContext`),
  ...containersWithPaths(spec, path).flatMap(({ container, path }) =>
    refuse(container.securityContext, LINUX_CONTAINER_CONTEXT, `${path}.securityContext`),
  ),
]

/** Containers that run as processes of a Windows host: all of a pod's or none, and on the network of the host. */
export function validateHostProcess(spec: PodSpec, path: string): FieldError[] {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess
  const containers = containersWithPaths(spec, path).map(({ container, path }) => ({
    own: container.securityContext?.windowsOptions?.hostProcess,
    path,
  }))
  const errors = containers
    .filter(({ own }) => own !== undefined && ofPod !== undefined && own !== ofPod)
    .map((each) => {
      const detail = `pod hostProcess value must be identical if both are specified, was ${ofPod}`
      return invalid(`${each.path}.securityContext.windowsOptions.hostProcess`, each.own, detail)
    })
  const count = containers.filter(({ own }) => own ?? ofPod).length
  if (count > 0 && count !== containers.length) {
    const detail = 'If pod contains any hostProcess containers then all containers must be HostProcess containers'
    errors.push(invalid(path, '', detail))
  }
  if (count > 0 && !spec.hostNetwork) {
    const detail = 'hostNetwork must be true if pod contains any hostProcess containers'
    errors.push(invalid(`${path}.hostNetwork`, false, detail))
  }
  return errors
}

/** Errors of `spec.os`, and of fields that the named system does not have. */
export function validateOperatingSystem(spec: PodSpec, path: string): FieldError[] {
  if (spec.os === undefined) return []
  const { name } = spec.os
  if (!name) return [required(`${path}.os.name`, 'cannot be empty')]
  if (!SYSTEMS.includes(name)) return [notSupported(`${path}.os`, name, SYSTEMS)]
  return name === 'linux' ? validateLinux(spec, path) : validateWindows(spec, path)
}
