/** Reading the configuration that a server-side apply brings: part of an object, strict about what it may name. */
import { apiVersionOf, type Decodable } from '../../shared/api/kind.ts'
import { type ApiError, badRequest } from '../../shared/errors.ts'
import { type Context, DecodeError } from '../codec/context.ts'
import { decoderFor } from '../codec/decoder.ts'
import { type FieldShape, type ListShape, shapeOf } from './field-shape.ts'
import { fieldStep, printPath } from './field-step.ts'
import { isObject } from './owned-fields.ts'

/** Fields of an object, decoded, without defaults. Null is absent. */
export type Configuration = Readonly<Record<string, unknown>>

/** At most this many mistakes are told. */
const MISTAKES_MAX = 10

/** Kind and version as Go prints them: `apps/v1, Kind=Deployment`; the core group is empty. */
function printType({ apiVersion = '', kind = '' }: Configuration): string {
  const version = String(apiVersion)
  return `${version.includes('/') || version === '' ? version || '/' : `/${version}`}, Kind=${kind}`
}

function checkType(body: Configuration, expected: Decodable): void {
  if (body.kind !== expected.kind || body.apiVersion !== apiVersionOf(expected))
    throw badRequest(`invalid object type: ${printType(body)}`)
}

/** A place in a configuration, and what is wrong up to there. */
interface Place {
  path: readonly string[]
  found: string[]
}

/** Elements that cannot be told apart, or that do not say which they are. */
function checkElements(shape: ListShape, list: readonly unknown[], { path, found }: Place): void {
  const seen = new Set<string>()
  for (const [index, element] of list.entries()) {
    if (found.length >= MISTAKES_MAX) return
    const step = shape.stepTo(element)
    if (step === undefined) {
      const key = JSON.stringify(shape.keys[0])
      found.push(
        `${printPath(path)}: element ${index}: associative list with keys has an element that omits key field ${key} (and doesn't have default value)`,
      )
    } else if (seen.has(step)) found.push(`${printPath(path)}: duplicate entries for key ${printPath([step])}`)
    else {
      seen.add(step)
      check(shape.items, element, { path: [...path, step], found })
    }
  }
}

function check(shape: FieldShape, value: unknown, { path, found }: Place): void {
  if (shape.type === 'list') {
    if (Array.isArray(value)) checkElements(shape, value, { path, found })
  } else if (shape.type !== 'leaf' && isObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      const below = shape.type === 'map' ? shape.values : shape.field(name)?.shape
      if (below !== undefined && below.type !== 'leaf')
        check(below, member, { path: [...path, fieldStep(name)], found })
    }
  }
}

/** `unknown field "spec.foo"` in the words of an apply. */
const undeclared = (objection: string) =>
  `.${JSON.parse(objection.slice('unknown field '.length))}: field not declared in schema`

function untyped(body: Configuration, found: readonly string[]): ApiError {
  const { name = '', namespace = '' } = (body.metadata ?? {}) as Readonly<Record<string, unknown>>
  const shown = found.slice(0, MISTAKES_MAX)
  const list = shown.length === 1 ? shown[0] : `errors:\n${shown.map((mistake) => `  ${mistake}`).join('\n')}`
  return badRequest(`failed to create typed patch object (${namespace}/${name}; ${printType(body)}): ${list}`)
}

/** Decodes a configuration for objects of `kind`. Throws BadRequest for what no such object can have. */
export function decodeConfiguration(value: unknown, kind: Decodable): Configuration {
  const body = isObject(value) ? value : {}
  checkType(body, kind)
  if (isObject(body.metadata) && (body.metadata.managedFields ?? null) !== null)
    throw badRequest('metadata.managedFields must be nil')
  const context: Context = { path: [], struct: '', unknown: [] }
  let decoded: Configuration
  try {
    decoded = decoderFor(kind.schema).decode(body, context) as Configuration
  } catch (error) {
    throw error instanceof DecodeError ? untyped(body, [error.message]) : error
  }
  const found = context.unknown.map(undeclared)
  check(shapeOf(kind.schema), decoded, { path: [], found })
  if (found.length > 0) throw untyped(body, found)
  return decoded
}
