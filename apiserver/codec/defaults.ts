/** Defaulting by the schema's `x-default` annotations. Fills objects, lists and maps that are there; makes none up. */
import type { Annotations, DefaultOf, TSchema } from '../../shared/api/schema.ts'
import { oncePerSchema } from './once-per-schema.ts'

type Holder = Record<string, unknown>

/** Fills in what is missing in a value, in place. */
type Fill = (value: never) => void

interface FieldDefault {
  name: string
  /** The value that an absent field takes; undefined where it stays absent. */
  make: DefaultOf | undefined
  isUnset(value: unknown): boolean
  fill: Fill | undefined
}

interface SchemaNode extends Annotations {
  items?: TSchema
  properties?: Readonly<Record<string, TSchema>>
  additionalProperties?: TSchema
}

const isAbsent = (value: unknown) => value === undefined
const isAbsentOrEmpty = (value: unknown) => value === undefined || value === '' || value === 0

function makerOf(value: unknown): DefaultOf | undefined {
  if (typeof value === 'function') return value as DefaultOf
  if (value === undefined) return undefined
  return typeof value === 'object' ? () => structuredClone(value) : () => value
}

function fieldDefault(name: string, schema: TSchema): FieldDefault {
  const node = schema as SchemaNode
  return {
    name,
    make: makerOf(node['x-default']),
    isUnset: node['x-default-for-empty'] ? isAbsentOrEmpty : isAbsent,
    fill: fillFor(schema),
  }
}

function fillField(holder: Holder, { name, make, isUnset, fill }: FieldDefault): void {
  if (make !== undefined && isUnset(holder[name])) {
    const value = make(holder)
    if (value !== undefined) holder[name] = value
  }
  const value = holder[name]
  if (fill !== undefined && value !== undefined) fill(value as never)
}

function objectFill(properties: Readonly<Record<string, TSchema>>): Fill | undefined {
  const fields = Object.entries(properties).map(([name, schema]) => ({ schema, field: fieldDefault(name, schema) }))
  const isComputed = (schema: TSchema) => typeof (schema as SchemaNode)['x-default'] === 'function'
  // Computed defaults come last: they may look at fields that have defaults of their own.
  const ordered = [
    ...fields.filter(({ schema }) => !isComputed(schema)),
    ...fields.filter(({ schema }) => isComputed(schema)),
  ]
    .map(({ field }) => field)
    .filter(({ make, fill }) => make !== undefined || fill !== undefined)
  if (ordered.length === 0) return undefined
  return (holder: Holder) => {
    for (const field of ordered) fillField(holder, field)
  }
}

function compile({ properties, items, additionalProperties }: SchemaNode): Fill | undefined {
  if (properties !== undefined) return objectFill(properties)
  const members = items ?? additionalProperties
  const fill = members === undefined ? undefined : fillFor(members)
  if (fill === undefined) return undefined
  return items === undefined
    ? (map: Holder) => {
        for (const value of Object.values(map)) fill(value as never)
      }
    : (list: readonly unknown[]) => {
        for (const value of list) fill(value as never)
      }
}

/** What fills a schema's defaults; undefined where it has none. */
const fillFor: (schema: TSchema) => Fill | undefined = oncePerSchema((schema) => compile(schema as SchemaNode))

/** Fills the defaults of a schema into a decoded value, in place. */
export function applyDefaults(schema: TSchema, value: object): void {
  fillFor(schema)?.(value as never)
}
