/** A container's environment from its spec: literals, references, `envFrom`. Pure; what it refers to is fetched before. */
import type { Container, EnvVar, Pod } from '../../shared/api/pod/pod.ts'
import type { Service } from '../../shared/api/service/service.ts'
import { expand } from './expand.ts'
import { podField } from './pod-field.ts'
import { type NodeAllocatable, resourceField } from './resource-field.ts'
import { serviceVariables } from './service-variables.ts'

/** Something the spec names is missing or makes no sense: the container waits with CreateContainerConfigError. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** The entries of a ConfigMap or Secret as text, or `undefined` where there is no such object. */
export type ConfigEntries = Readonly<Record<string, string>> | undefined

/** The ConfigMaps and Secrets that a container names; each name once. */
export interface ConfigNames {
  configMaps: readonly string[]
  secrets: readonly string[]
}

export interface EnvironmentSources {
  pod: Pod
  podIp: string
  nodeIp: string
  allocatable: NodeAllocatable
  configMaps: ReadonlyMap<string, ConfigEntries>
  secrets: ReadonlyMap<string, ConfigEntries>
  /** All of the cluster. */
  services: readonly Service[]
}

/** A named entry of one kind of object, with what messages call it. */
interface EntryRef {
  label: 'configmap' | 'secret'
  kind: 'ConfigMap' | 'Secret'
  entries: ConfigEntries
  name: string
  key: string
  optional: boolean
}

export function configNames({ env = [], envFrom = [] }: Container): ConfigNames {
  const named = (names: (string | undefined)[]) => [...new Set(names.filter((name) => name !== undefined))]
  return {
    configMaps: named([
      ...envFrom.map(({ configMapRef }) => configMapRef?.name),
      ...env.map(({ valueFrom }) => valueFrom?.configMapKeyRef?.name),
    ]),
    secrets: named([
      ...envFrom.map(({ secretRef }) => secretRef?.name),
      ...env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
    ]),
  }
}

function entryOf({ label, kind, entries, name, key, optional }: EntryRef, namespace: string): string | undefined {
  if (entries === undefined) {
    if (optional) return undefined
    throw new ConfigError(`${label} "${name}" not found`)
  }
  if (Object.hasOwn(entries, key)) return entries[key]
  if (optional) return undefined
  throw new ConfigError(`couldn't find key ${key} in ${kind} ${namespace}/${name}`)
}

/** The value of a variable with `valueFrom`, or nothing where an optional source is missing. */
function referredValue(container: Container, from: EnvVar['valueFrom'], sources: EnvironmentSources) {
  const namespace = sources.pod.metadata.namespace ?? ''
  if (from?.fieldRef !== undefined) {
    const value = podField(from.fieldRef.fieldPath, sources)
    if (value === undefined) throw new ConfigError(`unsupported fieldPath: ${from.fieldRef.fieldPath}`)
    return value
  }
  if (from?.resourceFieldRef !== undefined) {
    const value = resourceField(from.resourceFieldRef, container, sources)
    if (value === undefined) throw new ConfigError(`unsupported container resource: ${from.resourceFieldRef.resource}`)
    return value
  }
  if (from?.configMapKeyRef !== undefined) {
    const { name = '', key, optional = false } = from.configMapKeyRef
    const entries = sources.configMaps.get(name)
    return entryOf({ label: 'configmap', kind: 'ConfigMap', entries, name, key, optional }, namespace)
  }
  if (from?.secretKeyRef !== undefined) {
    const { name = '', key, optional = false } = from.secretKeyRef
    const entries = sources.secrets.get(name)
    return entryOf({ label: 'secret', kind: 'Secret', entries, name, key, optional }, namespace)
  }
  throw new ConfigError('a variable has a source that this kubelet does not support')
}

function fromObjects({ envFrom = [] }: Container, sources: EnvironmentSources): Record<string, string> {
  const variables: Record<string, string> = {}
  for (const { prefix = '', configMapRef, secretRef } of envFrom) {
    const [label, ref, objects] =
      configMapRef !== undefined
        ? (['configmap', configMapRef, sources.configMaps] as const)
        : (['secret', secretRef, sources.secrets] as const)
    const entries = objects.get(ref?.name ?? '')
    if (entries === undefined && ref?.optional !== true) throw new ConfigError(`${label} "${ref?.name}" not found`)
    for (const [key, value] of Object.entries(entries ?? {})) variables[`${prefix}${key}`] = value
  }
  return variables
}

/** The variables that the container's spec gives it, and those of Services. Throws a ConfigError, worded as upstream's. */
export function containerEnvironment(container: Container, sources: EnvironmentSources): Record<string, string> {
  const { metadata, spec } = sources.pod
  const links = serviceVariables(sources.services, {
    namespace: metadata.namespace ?? '',
    enableServiceLinks: spec.enableServiceLinks ?? true,
  })
  const variables = fromObjects(container, sources)
  for (const { name, value, valueFrom } of container.env ?? []) {
    const resolved =
      valueFrom === undefined
        ? expand(value ?? '', { ...links, ...variables })
        : referredValue(container, valueFrom, sources)
    if (resolved !== undefined) variables[name] = resolved
  }
  return { ...links, ...variables }
}
