/** What a body says it is, and whether that is what it should be. */
import { apiVersionOf, type Decodable } from '../../shared/api/kind.ts'
import { DecodeError, jsonTypeOf } from './context.ts'
import { ParseError, unidentified } from './parse.ts'

/** What a body says, with the endpoint's own where it says nothing. */
export interface Identity {
  apiVersion: string
  /** Version without its group, as upstream's messages show it. */
  version: string
  kind: string
}

/** The type into which upstream reads the two fields, as its errors print it. */
const GO_IDENTITY =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'

function readText(body: Readonly<Record<string, unknown>>, field: 'apiVersion' | 'kind', fallback: string): string {
  const value = body[field] ?? ''
  if (typeof value !== 'string') {
    throw unidentified(`json: cannot unmarshal ${jsonTypeOf(value)} into Go struct field .${field} of type string`)
  }
  return value === '' ? fallback : value
}

/** Reads kind and apiVersion of a body. Throws a ParseError where it is no object or they are no texts. */
export function identify(body: unknown, expected: Decodable): Identity {
  if (typeof body !== 'object' || Array.isArray(body)) {
    throw unidentified(`json: cannot unmarshal ${jsonTypeOf(body)} into Go value of type ${GO_IDENTITY}`)
  }
  const fields = body as Readonly<Record<string, unknown>>
  const apiVersion = readText(fields, 'apiVersion', apiVersionOf(expected))
  const kind = readText(fields, 'kind', expected.kind)
  const parts = apiVersion.split('/')
  if (parts.length > 2) throw new ParseError(`unexpected GroupVersion string: ${apiVersion}`)
  return { apiVersion, version: parts.at(-1)!, kind }
}

/** The internal Go package of a group: `core`, `apps`, `coordination`. */
const packageOf = (group: string) => (group === '' ? 'core' : group.split('.')[0])

/** Throws a DecodeError where a body is of another kind or version than the endpoint's. */
export function checkIdentity({ apiVersion, version, kind }: Identity, expected: Decodable): void {
  if (kind !== expected.kind) {
    const wanted = `${packageOf(expected.group)}.${expected.kind}`
    throw new DecodeError(`converting (${version}.${kind}) to (${wanted}): unknown conversion`)
  }
  if (expected.anyApiVersion || apiVersion === apiVersionOf(expected)) return
  throw new DecodeError(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`)
}
