/**
 * The annotation in which client-side apply keeps its last configuration. Server-side apply by kubectl keeps it up to
 * date, so that one can go back; and what it holds is kubectl's own already, whoever is said to own it.
 */
import { apiVersionOf, type Kind, type KubeObject } from '../../shared/api/kind.ts'
import { compareObjectsOf } from './changed-fields.ts'
import { difference, type FieldSet, union } from './field-set.ts'
import type { ObjectShape } from './field-shape.ts'
import { fieldsOf, isObject } from './owned-fields.ts'

export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
/** The one manager for which the annotation counts. */
const KUBECTL = 'kubectl'
/** Of all annotations of an object, in bytes, as for validation. */
const ANNOTATIONS_BYTES_MAX = 256 * 1024

type Annotations = Readonly<Record<string, string>>

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((name) => [name, sorted(value[name])]),
  )
}

/** A configuration as the annotation holds it: without the annotation, its members in order. */
function textOf(configuration: Readonly<Record<string, unknown>>): string {
  const metadata = (configuration.metadata ?? {}) as Readonly<Record<string, unknown>>
  const { [LAST_APPLIED]: _, ...annotations } = (metadata.annotations ?? {}) as Annotations
  const bare = { ...configuration, metadata: { ...metadata, ...(metadata.annotations != null && { annotations }) } }
  return `${JSON.stringify(sorted(bare))}\n`
}

const sizeOf = (annotations: Annotations) =>
  Object.entries(annotations).reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0)

/** Writes the configuration that kubectl has applied into the object's annotation, where it has one. In place. */
export function syncLastApplied(
  object: KubeObject,
  configuration: Readonly<Record<string, unknown>>,
  manager: string,
): void {
  const annotations = object.metadata.annotations
  if (manager !== KUBECTL || !annotations?.[LAST_APPLIED]) return
  const { [LAST_APPLIED]: _, ...others } = annotations
  const synced = { ...annotations, [LAST_APPLIED]: textOf(configuration) }
  object.metadata.annotations = sizeOf(synced) > ANNOTATIONS_BYTES_MAX ? others : synced
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    // The annotation is the client's: one that cannot be read allows nothing.
    return undefined
  }
}

/** Fields that kubectl may take over: those of its last client-side apply that are still as it applied them. */
export function fieldsOfLastApplied(
  kind: Pick<Kind, 'group' | 'version'>,
  live: Readonly<KubeObject>,
  { shape, manager }: { shape: ObjectShape; manager: string },
): FieldSet | undefined {
  const text = live.metadata.annotations?.[LAST_APPLIED]
  const configuration = manager === KUBECTL && text ? parse(text) : undefined
  if (configuration === undefined || configuration.apiVersion !== apiVersionOf(kind)) return undefined
  const { changed, removed } = compareObjectsOf(shape, configuration, live)
  return difference(fieldsOf(shape, configuration, 'withoutContainers'), union(changed, removed))
}
