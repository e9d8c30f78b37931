import { at, type FieldError, invalid, notSupported, required } from '../../../field-errors.ts'
import { canonicalQuantity } from '../../../quantity.ts'
import {
  subdomainName,
  validateConfigKey,
  validateEnvVarName,
  validateQualifiedName,
  validateSubdomain,
} from '../../names.ts'
import type { EnvFromSource, EnvVar, EnvVarSource, ObjectFieldSelector, ResourceFieldSelector } from '../pod.ts'
import { forEach, ifPresent, isDescendingPath, isSet, isSetAndObeys, obeys, obeysIfSet } from './rules.ts'

const ENVIRONMENT_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]

/** The fields that become files where volumes hold them, and that `fieldRef` knows only there. */
const FILE_FIELDS = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid']

/** Names under which the fields of pods were known before; still converted. */
const OLDER_FIELDS: Readonly<Record<string, string>> = { 'spec.host': 'spec.nodeName' }

const KNOWN_FIELDS = new Set([
  ...ENVIRONMENT_FIELDS,
  ...FILE_FIELDS,
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
])

/** `metadata.labels['app']` as path and subscript. */
const SUBSCRIPTED = /^(.*)\['(.*)'\]$/s

const RESOURCES = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]
const HUGE_PAGES = /^(limits|requests)\.hugepages-/

const CPU_DIVISORS = ['1m', '1']
const BYTE_DIVISORS = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']

/** Errors of a path with a subscript; undefined where the path has none. */
function validateSubscript(fieldPath: string, path: string): FieldError[] | undefined {
  const [, field, key] = SUBSCRIPTED.exec(fieldPath) ?? []
  if (field === undefined || key === undefined) return undefined
  if (field === 'metadata.annotations') return obeys(path, key.toLowerCase(), validateQualifiedName)
  if (field === 'metadata.labels') return obeys(path, key, validateQualifiedName)
  return [cannotConvert(`${path}.fieldPath`, fieldPath, `field label does not support subscript: ${fieldPath}`)]
}

const cannotConvert = (path: string, fieldPath: string, reason: string) =>
  invalid(path, fieldPath, `error converting fieldPath: ${reason}`)

function validateFieldRef({ apiVersion, fieldPath }: ObjectFieldSelector, path: string, supported: readonly string[]) {
  if (!apiVersion) return [required(`${path}.apiVersion`)]
  if (!fieldPath) return [required(`${path}.fieldPath`)]
  if (apiVersion !== 'v1')
    return [cannotConvert(`${path}.fieldPath`, fieldPath, `unsupported pod version: ${apiVersion}`)]
  const subscript = validateSubscript(fieldPath, path)
  if (subscript !== undefined) return subscript
  const field = OLDER_FIELDS[fieldPath] ?? fieldPath
  if (!KNOWN_FIELDS.has(field))
    return [cannotConvert(`${path}.fieldPath`, fieldPath, `field label not supported: ${fieldPath}`)]
  return supported.includes(field) ? [] : [notSupported(`${path}.fieldPath`, field, supported)]
}

export const validateEnvironmentFieldRef = (ref: ObjectFieldSelector, path: string): FieldError[] =>
  validateFieldRef(ref, path, ENVIRONMENT_FIELDS)

export const validateFileFieldRef = (ref: ObjectFieldSelector, path: string): FieldError[] =>
  validateFieldRef(ref, path, FILE_FIELDS)

/** What a divisor may be for a resource: the supported values, and what the resource is called in the error. */
function divisorRule(resource: string): { supported: readonly string[]; detail: string } | undefined {
  const bytes = (name: string) => ({
    supported: BYTE_DIVISORS,
    detail: `only divisor's values ${BYTE_DIVISORS.join(', ')} are supported with the ${name} resource`,
  })
  if (resource.endsWith('.cpu'))
    return { supported: CPU_DIVISORS, detail: "only divisor's values 1m and 1 are supported with the cpu resource" }
  if (resource.endsWith('.memory')) return bytes('memory')
  if (resource.endsWith('.ephemeral-storage')) return bytes('local ephemeral storage')
  return HUGE_PAGES.test(resource) ? bytes('hugepages') : undefined
}

/** `needsContainer`: in a volume, the container is not known by itself. */
export function validateResourceFieldRef(
  { containerName, resource = '', divisor = '0' }: ResourceFieldSelector,
  path: string,
  { needsContainer = false } = {},
): FieldError[] {
  const errors: FieldError[] = []
  if (needsContainer && !containerName) errors.push(required(`${path}.containerName`))
  else if (resource === '') errors.push(required(`${path}.resource`))
  else if (!RESOURCES.includes(resource) && !HUGE_PAGES.test(resource))
    errors.push(notSupported(`${path}.resource`, resource, RESOURCES))
  const canonical = canonicalQuantity(divisor)
  const rule = divisorRule(resource)
  if (canonical !== '0' && rule !== undefined && !rule.supported.includes(canonical ?? ''))
    errors.push(invalid(`${path}.divisor`, resource, rule.detail))
  return errors
}

const validateKeyRef = ({ name = '', key }: { name?: string; key?: string }, path: string): FieldError[] => [
  ...obeys(`${path}.name`, name, validateSubdomain),
  ...isSetAndObeys(`${path}.key`, key, validateConfigKey),
]

const validateFileKeyRef = ({ volumeName, path: file, key }: NonNullable<EnvVarSource['fileKeyRef']>, path: string) => [
  ...isSet(`${path}.volumeName`, volumeName),
  ...(file ? isDescendingPath(`${path}.path`, file) : [required(`${path}.path`)]),
  ...isSetAndObeys(`${path}.key`, key, validateEnvVarName),
]

function validateValueFrom({ value, valueFrom }: EnvVar, path: string): FieldError[] {
  if (valueFrom === undefined) return []
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = valueFrom
  const errors = [
    ...ifPresent(fieldRef, (ref) => validateEnvironmentFieldRef(ref, `${path}.fieldRef`)),
    ...ifPresent(resourceFieldRef, (ref) => validateResourceFieldRef(ref, `${path}.resourceFieldRef`)),
    ...ifPresent(configMapKeyRef, (ref) => validateKeyRef(ref, `${path}.configMapKeyRef`)),
    ...ifPresent(secretKeyRef, (ref) => validateKeyRef(ref, `${path}.secretKeyRef`)),
    ...ifPresent(fileKeyRef, (ref) => validateFileKeyRef(ref, `${path}.fileKeyRef`)),
  ]
  const sources = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef]
  const count = sources.filter((source) => source !== undefined).length
  const known = 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`'
  if (count === 0) errors.push(invalid(path, '', known))
  else if (value) errors.push(invalid(path, '', 'may not be specified when `value` is not empty'))
  else if (count > 1) errors.push(invalid(path, '', 'may not have more than one field specified at a time'))
  return errors
}

export const validateEnv = (variables: readonly EnvVar[] | undefined, path: string): FieldError[] =>
  forEach(variables, path, (variable, path) => [
    ...isSetAndObeys(`${path}.name`, variable.name, validateEnvVarName),
    ...validateValueFrom(variable, `${path}.valueFrom`),
  ])

/** Names may be prefixes here, as they always could. */
const validateSourceName = ({ name }: { name?: string }, path: string) =>
  isSetAndObeys(`${path}.name`, name, (value) => subdomainName(value, true))

export function validateEnvFrom(sources: readonly EnvFromSource[] | undefined, path: string): FieldError[] {
  return (sources ?? []).flatMap(({ prefix, configMapRef, secretRef }, index) => {
    const each = at(path, index)
    const errors = [
      ...obeysIfSet(`${each}.prefix`, prefix, validateEnvVarName),
      ...ifPresent(configMapRef, (ref) => validateSourceName(ref, `${each}.configMapRef`)),
      ...ifPresent(secretRef, (ref) => validateSourceName(ref, `${each}.secretRef`)),
    ]
    if (configMapRef === undefined && secretRef === undefined)
      errors.push(invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`'))
    else if (configMapRef !== undefined && secretRef !== undefined)
      errors.push(invalid(path, '', 'may not have more than one field specified at a time'))
    return errors
  })
}
