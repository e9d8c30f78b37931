import { at, duplicate, type FieldError, forbidden, invalid, notFound, required } from '../../../field-errors.ts'
import { validateDnsLabel, validatePortName, validatePortNumber } from '../../names.ts'
import type { Container, ContainerPort, EphemeralContainer } from '../pod.ts'
import { isSidecar } from '../pod-columns.ts'
import { validateEnv, validateEnvFrom } from './environment.ts'
import { validateDevices, validateMounts } from './mounts.ts'
import { validateProbes } from './probes.ts'
import { validateContainerResources } from './resources.ts'
import { forEach, ifPresent, isOneOf, isSet, isSetAndObeys, isSetToOneOf } from './rules.ts'
import { validateSecurityContext } from './security.ts'
import type { VolumesByName } from './volumes.ts'

/** What containers are judged by beside themselves. */
export interface PodContext {
  volumes: VolumesByName
  /** Names in `spec.resourceClaims`. */
  claims: ReadonlySet<string>
  graceSeconds: number | undefined
  restartPolicy: string | undefined
  /** The pod has no user namespace of its own. */
  usesHostUsers: boolean
}

const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never']
const MESSAGE_POLICIES = ['File', 'FallbackToLogsOnError']
const RESIZABLE = ['cpu', 'memory']
const RESIZE_POLICIES = ['NotRequired', 'RestartContainer']

function validatePort(port: ContainerPort, path: string, names: Set<string>): FieldError[] {
  const { name, containerPort, hostPort, protocol } = port
  const errors: FieldError[] = []
  if (name) {
    const details = validatePortName(name)
    errors.push(...details.map((detail) => invalid(`${path}.name`, name, detail)))
    if (details.length === 0 && names.has(name)) errors.push(duplicate(`${path}.name`, name))
    if (details.length === 0) names.add(name)
  }
  const judge = (field: string, number: number) =>
    validatePortNumber(number).map((detail) => invalid(`${path}.${field}`, number, detail))
  errors.push(...(containerPort ? judge('containerPort', containerPort) : [required(`${path}.containerPort`)]))
  if (hostPort) errors.push(...judge('hostPort', hostPort))
  return [...errors, ...isSetToOneOf(`${path}.protocol`, protocol, PROTOCOLS)]
}

function validatePorts(ports: readonly ContainerPort[] | undefined, path: string): FieldError[] {
  const names = new Set<string>()
  return forEach(ports, path, (port, each) => validatePort(port, each, names))
}

function validateResizePolicy(policies: Container['resizePolicy'], path: string, podPolicy: string | undefined) {
  const seen = new Set<string>()
  return (policies ?? []).flatMap(({ resourceName, restartPolicy }, index) => {
    const errors = seen.has(resourceName) ? [duplicate(at(path, index), resourceName)] : []
    seen.add(resourceName)
    errors.push(...isSetToOneOf(path, resourceName, RESIZABLE), ...isSetToOneOf(path, restartPolicy, RESIZE_POLICIES))
    if (podPolicy === 'Never' && restartPolicy !== 'NotRequired') {
      const detail = "must be 'NotRequired' when `restartPolicy` is 'Never'"
      errors.push(invalid(path, restartPolicy ?? '', detail))
    }
    return errors
  })
}

/** What holds for every container, of whatever kind. */
function validateCommon(container: Container | EphemeralContainer, path: string, context: PodContext): FieldError[] {
  return [
    ...isSetAndObeys(`${path}.name`, container.name, validateDnsLabel),
    ...isSet(`${path}.image`, container.image),
    ...isSetToOneOf(`${path}.terminationMessagePolicy`, container.terminationMessagePolicy, MESSAGE_POLICIES),
    ...validatePorts(container.ports, `${path}.ports`),
    ...validateEnv(container.env, `${path}.env`),
    ...validateEnvFrom(container.envFrom, `${path}.envFrom`),
    ...validateMounts(container, `${path}.volumeMounts`, context.volumes),
    ...validateDevices(container, `${path}.volumeDevices`, context.volumes),
    ...isSetToOneOf(`${path}.imagePullPolicy`, container.imagePullPolicy, PULL_POLICIES),
    ...validateContainerResources(container.resources, `${path}.resources`, context.claims),
    ...validateResizePolicy(container.resizePolicy, `${path}.resizePolicy`, context.restartPolicy),
    ...ifPresent(container.securityContext, (security) =>
      validateSecurityContext(security, `${path}.securityContext`, context.usesHostUsers),
    ),
  ]
}

/** Ports of the node that two ports of these containers would need. */
function hostPortClashes(containers: readonly { ports?: ContainerPort[]; path: string }[]): FieldError[] {
  const taken = new Set<string>()
  return containers.flatMap(({ ports, path }) =>
    forEach(ports, `${path}.ports`, ({ hostPort, hostIP = '', protocol }, each) => {
      if (!hostPort) return []
      const key = `${protocol}/${hostIP}/${hostPort}`
      if (taken.has(key)) return [duplicate(`${each}.hostPort`, key)]
      taken.add(key)
      return []
    }),
  )
}

/** A name that another container has already; unnamed ones have their own error. */
function nameClash(name: string, path: string, names: Set<string>): FieldError[] {
  if (!name) return []
  if (names.has(name)) return [duplicate(`${path}.name`, name)]
  names.add(name)
  return []
}

export function validateContainers(containers: readonly Container[] | undefined, path: string, context: PodContext) {
  if (!containers?.length) return [required(path)]
  const names = new Set<string>()
  return [
    ...forEach(containers, path, (container, each) => [
      ...validateCommon(container, each, context),
      ...nameClash(container.name, each, names),
      ...validateProbes(container, each, context.graceSeconds),
      ...(container.restartPolicy === undefined
        ? []
        : [forbidden(`${each}.restartPolicy`, 'may not be set for non-init containers')]),
    ]),
    ...hostPortClashes(containers.map(({ ports }, index) => ({ ports, path: at(path, index) }))),
  ]
}

const SIDECAR_FIELDS = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const

/** Only a sidecar lives long enough for probes and actions. */
const validateInitProbes = (container: Container, path: string, { graceSeconds }: PodContext): FieldError[] =>
  isSidecar(container)
    ? validateProbes(container, path, graceSeconds)
    : SIDECAR_FIELDS.filter((field) => container[field] !== undefined).map((field) =>
        forbidden(`${path}.${field}`, 'may not be set for init containers without restartPolicy=Always'),
      )

export function validateInitContainers(
  { containers, initContainers }: { containers?: readonly Container[]; initContainers?: readonly Container[] },
  path: string,
  context: PodContext,
): FieldError[] {
  const names = new Set((containers ?? []).map(({ name }) => name))
  return forEach(initContainers, path, (container, each) => [
    ...validateCommon(container, each, context),
    ...isOneOf(`${each}.restartPolicy`, container.restartPolicy, ['Always']),
    ...nameClash(container.name, each, names),
    // Init containers run one by one: each has the ports of the node for itself.
    ...hostPortClashes([{ ports: container.ports, path: each }]),
    ...validateInitProbes(container, each, context),
  ])
}

/** What may be set for a container that is there to look into the others, not to serve. */
const EPHEMERAL_FIELDS: ReadonlySet<string> = new Set<keyof EphemeralContainer>([
  'name',
  'image',
  'command',
  'args',
  'workingDir',
  'envFrom',
  'env',
  'volumeMounts',
  'volumeDevices',
  'terminationMessagePath',
  'terminationMessagePolicy',
  'imagePullPolicy',
  'securityContext',
  'stdin',
  'stdinOnce',
  'tty',
  'targetContainerName',
])

const NOT_FOR_EPHEMERAL = 'cannot be set for an Ephemeral Container'

const isUnset = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0)

function validateEphemeralFields(container: EphemeralContainer, path: string): FieldError[] {
  return [
    ...Object.entries(container)
      .filter(([field, value]) => !EPHEMERAL_FIELDS.has(field) && !isUnset(value))
      .map(([field]) => forbidden(`${path}.${field}`, NOT_FOR_EPHEMERAL)),
    ...forEach(container.volumeMounts, `${path}.volumeMounts`, (mount, each) =>
      (['subPath', 'subPathExpr'] as const)
        .filter((field) => mount[field])
        .map((field) => forbidden(`${each}.${field}`, NOT_FOR_EPHEMERAL)),
    ),
  ]
}

export function validateEphemeralContainers(
  ephemeral: readonly EphemeralContainer[] | undefined,
  path: string,
  context: PodContext & { otherNames: readonly string[] },
): FieldError[] {
  const names = new Set(context.otherNames)
  return forEach(ephemeral, path, (container, each) => [
    ...validateCommon(container, each, context),
    ...validateImagePadding(container, each),
    ...nameClash(container.name, each, names),
    ...(container.targetContainerName && !context.otherNames.includes(container.targetContainerName)
      ? [notFound(`${each}.targetContainerName`, container.targetContainerName)]
      : []),
    ...validateEphemeralFields(container, each),
  ])
}

/** Templates may have a blank for an image that is filled in later; pods may not. */
export const validateImagePadding = ({ image = '' }: { image?: string }, path: string): FieldError[] =>
  image.trim() === image ? [] : [invalid(`${path}.image`, image, 'must not have leading or trailing whitespace')]
