/**
 * Decoders by schema: from plain values to values of the API's types. A decoder never changes its input and shares
 * nothing with it that could be changed later, so the input may be part of a cached object. Null is absent, and fields
 * that the schema does not know are noted and left out. Every object is walked in its own order: the first error is
 * the first in the document, as it is for Go's decoder.
 */
import type { TSchema } from '../../shared/api/schema.ts'
import { type Context, DecodeError, jsonTypeOf, noteUnknown, typeError } from './context.ts'
import { MAX_DEPTH } from './limits.ts'
import { oncePerSchema } from './once-per-schema.ts'
import {
  booleanDecoder,
  bytesDecoder,
  type Decoder,
  floatDecoder,
  int32Decoder,
  int64Decoder,
  intOrStringDecoder,
  microTimeDecoder,
  quantityDecoder,
  stringDecoder,
  timeDecoder,
} from './scalars.ts'

/** The parts of a schema that decoding looks at. */
interface SchemaNode {
  type?: string
  format?: string
  items?: TSchema
  properties?: Readonly<Record<string, TSchema>>
  required?: readonly string[]
  additionalProperties?: TSchema
  'x-kubernetes-model'?: string
  'x-kubernetes-int-or-string'?: true
  'x-kubernetes-preserve-unknown-fields'?: true
}

type PlainObject = Record<string, unknown>

const isObject = (value: unknown): value is PlainObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Sets an entry whose key the client has chosen: plain assignment would take `__proto__` for the prototype. */
function setEntry(target: PlainObject, key: string, value: unknown): void {
  if (key !== '__proto__') target[key] = value
  else Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
}

function copyAny(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth === 0) throw new DecodeError('exceeded max depth')
  if (Array.isArray(value)) return value.map((element) => copyAny(element, depth - 1))
  const copy: PlainObject = {}
  for (const key of Object.keys(value)) setEntry(copy, key, copyAny((value as PlainObject)[key], depth - 1))
  return copy
}

/** Any JSON object, kept as it is. */
const anyObjectDecoder: Decoder = {
  goType: 'map[string]interface {}',
  zero: () => ({}),
  decode(value, context) {
    if (!isObject(value)) throw typeError(context, jsonTypeOf(value), this.goType)
    return copyAny(value, MAX_DEPTH)
  },
}

function listDecoder(items: Decoder): Decoder {
  const goType = `[]${items.goType}`
  return {
    goType,
    zero: () => [],
    decode(value, context) {
      if (!Array.isArray(value)) throw typeError(context, jsonTypeOf(value), goType)
      const { path } = context
      const depth = path.length
      path.push(0)
      const list = value.map((element, index) => {
        path[depth] = index
        return element === null ? items.zero() : items.decode(element, context)
      })
      path.pop()
      return list
    },
  }
}

function mapDecoder(values: Decoder): Decoder {
  const goType = values === quantityDecoder ? 'v1.ResourceList' : `map[string]${values.goType}`
  return {
    goType,
    zero: () => ({}),
    decode(value, context) {
      if (!isObject(value)) throw typeError(context, jsonTypeOf(value), goType)
      const map: PlainObject = {}
      for (const key of Object.keys(value)) {
        const member = value[key]
        context.path.push({ key })
        setEntry(map, key, member === null ? values.zero() : values.decode(member, context))
        context.path.pop()
      }
      return map
    },
  }
}

interface Field {
  decoder: Decoder
  /** Whether an empty value is the same as none: an optional list or map (Go's `omitempty`). */
  omitsEmpty: boolean
}

const fieldOf = (schema: SchemaNode, isRequired: boolean): Field => ({
  decoder: decoderFor(schema as TSchema),
  omitsEmpty: !isRequired && (schema.type === 'array' || schema.additionalProperties !== undefined),
})

function objectDecoder({ properties = {}, required = [], 'x-kubernetes-model': model = '' }: SchemaNode): Decoder {
  const [version, struct = ''] = model.split('.').slice(-2)
  const goType = `${version}.${struct}`
  // Made for the fields that occur: most pods use a few of the many types that a pod may hold.
  const fields = new Map<string, Field>()
  const findField = (name: string): Field | undefined => {
    const known = fields.get(name)
    if (known !== undefined || !Object.hasOwn(properties, name)) return known
    const made = fieldOf(properties[name] as SchemaNode, required.includes(name))
    fields.set(name, made)
    return made
  }
  const decode = (value: unknown, context: Context): PlainObject => {
    if (!isObject(value)) throw typeError(context, jsonTypeOf(value), goType)
    const object: PlainObject = {}
    for (const name of Object.keys(value)) {
      const field = findField(name)
      if (field === undefined) {
        noteUnknown(context, name)
        continue
      }
      const member = value[name]
      if (member === null || member === undefined) continue
      context.struct = struct
      context.path.push(name)
      const decoded = field.decoder.decode(member, context)
      context.path.pop()
      if (!field.omitsEmpty || Object.keys(decoded as object).length > 0) object[name] = decoded
    }
    return object
  }
  return { goType, zero: () => ({}), decode }
}

const STRINGS: Readonly<Record<string, Decoder>> = {
  'date-time': timeDecoder,
  'micro-time': microTimeDecoder,
  byte: bytesDecoder,
  quantity: quantityDecoder,
}

function compile(node: SchemaNode): Decoder {
  if (node['x-kubernetes-int-or-string']) return intOrStringDecoder
  if (node['x-kubernetes-preserve-unknown-fields']) return anyObjectDecoder
  switch (node.type) {
    case 'string':
      return STRINGS[node.format ?? ''] ?? stringDecoder
    case 'integer':
      return node.format === 'int32' ? int32Decoder : int64Decoder
    case 'number':
      return floatDecoder
    case 'boolean':
      return booleanDecoder
    case 'array':
      return listDecoder(decoderFor(node.items!))
    case 'object':
      return node.additionalProperties === undefined
        ? objectDecoder(node)
        : mapDecoder(decoderFor(node.additionalProperties))
    default:
      throw new Error(`no decoder for a schema of type ${node.type}`)
  }
}

/** The decoder of a schema, made at its first use. */
export const decoderFor: (schema: TSchema) => Decoder = oncePerSchema((schema) => compile(schema as SchemaNode))
