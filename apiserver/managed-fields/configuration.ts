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

/** Elements that cannot be told apart, or that do not say which they are. */
function listMistakes(shape: ListShape, list: readonly unknown[], path: readonly string[]): string[] {
  const seen = new Set<string>()
  return list.flatMap((element, index) => {
    const step = shape.stepTo(element)
    if (step === undefined) {
      const [key = ''] = shape.keys
      const field = JSON.stringify(key)
      return [
        `${printPath(path)}: element ${index}: associative list with keys has an element that omits key field ${field} (and doesn't have default value)`,
      ]
    }
    if (seen.has(step)) return [`${printPath(path)}: duplicate entries for key ${printPath([step])}`]
    seen.add(step)
    return mistakes(shape.items, element, [...path, step])
  })
}

function mistakes(shape: FieldShape, value: unknown, path: readonly string[]): string[] {
  if (shape.type === 'list') return Array.isArray(value) ? listMistakes(shape, value, path) : []
  if (shape.type === 'leaf' || !isObject(value)) return []
  return Object.entries(value).flatMap(([name, member]) => {
    const below = shape.type === 'map' ? shape.values : shape.field(name)?.shape
    return below === undefined ? [] : mistakes(below, member, [...path, fieldStep(name)])
  })
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
  const found = [...context.unknown.map(undeclared), ...mistakes(shapeOf(kind.schema), decoded, [])]
  if (found.length > 0) throw untyped(body, found)
  return decoded
}
