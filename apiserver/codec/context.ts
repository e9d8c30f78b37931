/** Where a decoder is in a body, and what it has found: enough to word errors as Go's decoder does. */
import { MAX_FIELD_ERRORS } from './limits.ts'

/** The value cannot be decoded. The message is Go's, for the caller to put into context. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'
}

/** A step down into the body: the field of an object, the index in a list, or the key of a map. */
export type Step = string | number | { key: string }

export interface Context {
  path: Step[]
  /** Go's name of the type that holds the field being decoded: `PodSpec`. */
  struct: string
  /** What strict decoding objects to: `unknown field "spec.replica"`. */
  unknown: string[]
}

/** A path as strict decoding errors show it: `spec.containers[0].image`. */
function showPath(path: readonly Step[]): string {
  let shown = ''
  for (const step of path) {
    if (typeof step === 'number') shown += `[${step}]`
    else shown += `${shown === '' ? '' : '.'}${typeof step === 'string' ? step : step.key}`
  }
  return shown
}

export function noteUnknown({ path, unknown }: Context, field: string): void {
  if (unknown.length < MAX_FIELD_ERRORS) unknown.push(`unknown field ${JSON.stringify(showPath([...path, field]))}`)
}

/** The JSON type of a value, in Go's words. */
export function jsonTypeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  if (value === null) return 'null'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

/** A value of the wrong type: `found` in a place of Go's type `wanted`. */
export function typeError({ path, struct }: Context, found: string, wanted: string): DecodeError {
  const field = path.filter((step) => typeof step === 'string').join('.')
  const place = field === '' ? 'value' : `struct field ${struct}.${field}`
  return new DecodeError(`json: cannot unmarshal ${found} into Go ${place} of type ${wanted}`)
}
