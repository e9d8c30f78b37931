/** Which fields of an object a request can own: not what identifies it, and only those of the part that it writes. */
import type { Kind } from '../../shared/api/kind.ts'
import type { TSchema } from '../../shared/api/schema.ts'
import { oncePerSchema } from '../codec/once-per-schema.ts'
import { type FieldShape, type ObjectShape, shapeOf } from './field-shape.ts'

/** What a write can change: everything, everything but the status, or the status alone. */
export type TrackedPart = 'whole' | 'withoutStatus' | 'status'

/** Fields that nobody owns: they say what the object is, or are the server's own. */
const UNOWNED_METADATA = [
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'generation',
  'managedFields',
  'resourceVersion',
]

const without = (shape: FieldShape, names: readonly string[]): ObjectShape => {
  const { field } = shape as ObjectShape
  const left = new Set(names)
  return { type: 'object', field: (name) => (left.has(name) ? undefined : field(name)) }
}

function owned(schema: TSchema): ObjectShape {
  const { field } = without(shapeOf(schema), ['apiVersion', 'kind'])
  const metadata = field('metadata')!
  const ownedMetadata = { ...metadata, shape: without(metadata.shape, UNOWNED_METADATA) }
  return { type: 'object', field: (name) => (name === 'metadata' ? ownedMetadata : field(name)) }
}

const SHAPES: Readonly<Record<TrackedPart, (schema: TSchema) => ObjectShape>> = {
  whole: oncePerSchema(owned),
  withoutStatus: oncePerSchema((schema) => without(owned(schema), ['status'])),
  status: oncePerSchema((schema) => {
    const { field } = owned(schema)
    return { type: 'object', field: (name) => (name === 'status' ? field(name) : undefined) }
  }),
}

/** The shape of the part of an object that a request can own. */
export const trackedShape = ({ schema }: Pick<Kind, 'schema'>, part: TrackedPart): ObjectShape => SHAPES[part](schema)

/** What a write to the object itself can change. */
export const wholeOf = ({ hasStatus }: Pick<Kind, 'hasStatus'>): TrackedPart => (hasStatus ? 'withoutStatus' : 'whole')
