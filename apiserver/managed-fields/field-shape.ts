/**
 * How values of a schema divide into fields that can be owned one by one: what server-side apply needs to know of a
 * schema, in the form in which it is quickest to walk. Shapes of fields are made when they first occur.
 */
import type { TSchema } from '../../shared/api/schema.ts'
import { oncePerSchema } from '../codec/once-per-schema.ts'
import { fieldStep, valueStep } from './field-step.ts'
import { heldByValue } from './held-by-value.ts'

/** A field of an object type. */
export interface Field {
  /** The step to it in a field set. */
  step: string
  shape: FieldShape
  /** Always there, if only empty: adding the first thing to it does not add the field. */
  isHeld: boolean
}

export interface LeafShape {
  type: 'leaf'
}
export interface ObjectShape {
  type: 'object'
  /** Undefined for a field that the type does not have. */
  field(name: string): Field | undefined
}
export interface MapShape {
  type: 'map'
  values: FieldShape
}
/** A list whose elements are fields of their own: the elements of a set, or those of a map by their keys. */
export interface ListShape {
  type: 'list'
  items: FieldShape
  /** The step to an element; undefined where it omits a key. */
  stepTo(element: unknown): string | undefined
  /** The fields that identify an element; empty for a set. */
  keys: readonly string[]
}
/** Leaves have no fields below them, nor have lists and objects that merge as one value. */
export type FieldShape = LeafShape | ObjectShape | MapShape | ListShape

const LEAF_SHAPE: LeafShape = { type: 'leaf' }

/** The parts of a schema that ownership looks at. */
interface SchemaNode {
  type?: string
  properties?: Readonly<Record<string, TSchema>>
  additionalProperties?: TSchema
  items?: TSchema
  'x-kubernetes-model'?: string
  'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map'
  'x-kubernetes-list-map-keys'?: readonly string[]
  'x-kubernetes-map-type'?: 'atomic' | 'granular'
  'x-default'?: unknown
}

function objectShape({ properties = {}, 'x-kubernetes-model': model = '' }: SchemaNode): ObjectShape {
  const known = new Map<string, Field>()
  const held = heldByValue(model.slice(model.lastIndexOf('.') + 1))
  return {
    type: 'object',
    field(name) {
      const found = known.get(name)
      if (found !== undefined || !Object.hasOwn(properties, name)) return found
      const made = { step: fieldStep(name), shape: shapeOf(properties[name]!), isHeld: held.has(name) }
      known.set(name, made)
      return made
    },
  }
}

type Member = Readonly<Record<string, unknown>> | null | undefined

/** The default of a key, where it is the same for every element. */
const keyDefault = (items: SchemaNode, key: string): unknown => {
  const value = (items.properties?.[key] as SchemaNode | undefined)?.['x-default']
  return typeof value === 'function' ? undefined : value
}

function keyedShape(items: TSchema, given: readonly string[]): ListShape {
  const keys = given.toSorted()
  const parts = keys.map((key) => ({ key, missing: keyDefault(items as SchemaNode, key), head: JSON.stringify(key) }))
  return {
    type: 'list',
    items: shapeOf(items),
    keys,
    stepTo(element) {
      let text = ''
      let isIdentified = false
      for (const { key, missing, head } of parts) {
        const value = (element as Member)?.[key] ?? missing
        if (value === undefined) continue
        isIdentified ||= (element as Member)?.[key] !== undefined
        text += `${text === '' ? '' : ','}${head}:${JSON.stringify(value)}`
      }
      return isIdentified ? `k:{${text}}` : undefined
    },
  }
}

function listShape({
  items,
  'x-kubernetes-list-type': type = 'atomic',
  'x-kubernetes-list-map-keys': keys = [],
}: SchemaNode): FieldShape {
  if (type === 'atomic') return LEAF_SHAPE
  return type === 'map' ? keyedShape(items!, keys) : { type: 'list', items: LEAF_SHAPE, keys: [], stepTo: valueStep }
}

function compile(node: SchemaNode): FieldShape {
  if (node['x-kubernetes-map-type'] === 'atomic') return LEAF_SHAPE
  if (node.type === 'array') return listShape(node)
  if (node.properties !== undefined) return objectShape(node)
  if (node.additionalProperties !== undefined) return { type: 'map', values: shapeOf(node.additionalProperties) }
  // Scalars, and objects of which nothing is known.
  return LEAF_SHAPE
}

/** The shape of a schema, made at its first use. */
export const shapeOf: (schema: TSchema) => FieldShape = oncePerSchema((schema) => compile(schema as SchemaNode))
