/**
 * From what clients send to objects of the API: parsed, of the right kind, every field of the right type, unknown
 * fields left out, defaults filled in. What it throws are ApiErrors in upstream's words.
 */
import { apiVersionOf, type Decodable } from '../../shared/api/kind.ts'
import { badRequest, invalid } from '../../shared/errors.ts'
import { invalid as invalidField } from '../../shared/field-errors.ts'
import { type Context, DecodeError } from './context.ts'
import { decoderFor } from './decoder.ts'
import { applyDefaults } from './defaults.ts'
import { checkIdentity, type Identity, identify } from './identify.ts'
import { type ParsedBody, ParseError, parseBody } from './parse.ts'

/** What to do about fields that are unknown or occur twice: nothing, a warning each, or refuse the body. */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict'

export interface Decoded<Body> {
  object: Body
  /** Texts for Warning headers: `unknown field "spec.foo"`. Empty unless `fieldValidation` is Warn. */
  warnings: readonly string[]
}

/** What strict decoding objects to, in one message. */
const strictError = (objections: readonly string[]) =>
  new DecodeError(`strict decoding error: ${objections.join(', ')}`)

/** Decodes a parsed value and fills in defaults. Throws a DecodeError. */
function decodeAs<Body extends object>(
  { value, duplicates }: ParsedBody,
  kind: Decodable<Body>,
  fieldValidation: FieldValidation,
): Decoded<Body> {
  const context: Context = { path: [], struct: '', unknown: [] }
  const fields = decoderFor(kind.schema).decode(value, context) as object
  const objections = fieldValidation === 'Ignore' ? [] : [...context.unknown, ...duplicates]
  if (fieldValidation === 'Strict' && objections.length > 0) throw strictError(objections)
  const object = { ...fields, kind: kind.kind, apiVersion: apiVersionOf(kind) } as unknown as Body
  applyDefaults(kind.schema, object)
  kind.defaults?.(object)
  return { object, warnings: objections }
}

/** At most this many bytes of a body that is not recognised are shown. */
const SHOWN_BYTES = 30

function summarise(bytes: Uint8Array): string {
  if (bytes.length === 0) return '<empty>'
  const shown = Buffer.from(bytes.subarray(0, SHOWN_BYTES)).toString(bytes[0] === 0x7b ? 'utf8' : 'hex')
  return bytes.length > SHOWN_BYTES ? `${shown} ...` : shown
}

/** Parses a body, and reads what it says it is. Throws a ParseError. */
async function recognise(
  bytes: Uint8Array,
  contentType: string | undefined,
  { kind, findDuplicates }: { kind: Decodable; findDuplicates: boolean },
): Promise<{ body: ParsedBody; identity: Identity }> {
  try {
    const { value, duplicates } = await parseBody(bytes, contentType, { findDuplicates })
    // A body of `null` says nothing at all.
    const body = { value: value ?? {}, duplicates }
    return { body, identity: identify(body.value, kind) }
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind.kind}): ${error.message} (${summarise(bytes)})`,
    )
  }
}

/**
 * Decodes the body of a request that should be a `kind`. Throws ApiErrors: 415 for a media type other than JSON and
 * YAML, 400 for everything that cannot be read.
 */
export async function decodeObject<Body extends object>(
  bytes: Uint8Array,
  contentType: string | undefined,
  kind: Decodable<Body>,
  { fieldValidation }: { fieldValidation: FieldValidation },
): Promise<Decoded<Body>> {
  const expected = kind as Decodable
  const findDuplicates = fieldValidation !== 'Ignore'
  const { body, identity } = await recognise(bytes, contentType, { kind: expected, findDuplicates })
  try {
    checkIdentity(identity, expected)
    return decodeAs(body, kind, fieldValidation)
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    const { kind: found, version } = identity
    throw badRequest(
      `${found} in version ${JSON.stringify(version)} cannot be handled as a ${kind.kind}: ${error.message}`,
    )
  }
}

/**
 * Decodes the result of a patch, which should be a `kind`. The value is not changed, and shares nothing with the
 * object. Throws the ApiError (422) by which upstream says that a patch makes no sense of the object.
 */
export function decodeValue<Body extends object>(
  value: unknown,
  kind: Decodable<Body>,
  { fieldValidation }: { fieldValidation: FieldValidation },
): Decoded<Body> {
  try {
    checkIdentity(identify(value ?? {}, kind as Decodable), kind as Decodable)
    return decodeAs({ value: value ?? {}, duplicates: [] }, kind, fieldValidation)
  } catch (error) {
    if (!(error instanceof DecodeError || error instanceof ParseError)) throw error
    const shown = JSON.stringify(value)
    throw invalid({ group: '', resource: '', name: '' }, [invalidField('patch', shown, error.message)])
  }
}
