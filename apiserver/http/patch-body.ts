import type { Decodable } from '../../shared/api/kind.ts'
import { badRequest, invalid, unsupportedMediaType } from '../../shared/errors.ts'
import { invalid as invalidField } from '../../shared/field-errors.ts'
import { decodeValue } from '../codec/decode.ts'
import { mediaTypeOf, type ParsedBody, ParseError, parseJson } from '../codec/parse.ts'
import { type Configuration, decodeConfiguration } from '../managed-fields/configuration.ts'
import { readJsonPatch } from '../patch/json-patch.ts'
import { readMergePatch } from '../patch/merge-patch.ts'
import { readStrategicMergePatch } from '../patch/strategic-merge.ts'
import { parseFlag } from '../registry/list-options.ts'
import { fieldValidationOf } from './body.ts'
import { type ApiRequest, one } from './exchange.ts'

/** A patch as a request brings it. */
export interface PatchBody<Body> {
  /** The object that the patch makes of another, decoded and with defaults; it shares nothing with it. Throws ApiErrors. */
  apply(current: Body): Body
  /** Warnings of the last `apply`. */
  warnings(): readonly string[]
}

type ReadPatch = (document: unknown, kind: Decodable) => (current: unknown) => unknown

const READERS: Readonly<Record<string, ReadPatch>> = {
  'application/json-patch+json': readJsonPatch,
  'application/merge-patch+json': readMergePatch,
  'application/strategic-merge-patch+json': (document, { schema }) => readStrategicMergePatch(document, schema),
}

function parse(body: Buffer, findDuplicates: boolean) {
  try {
    return parseJson(body.toString(), { findDuplicates })
  } catch (error) {
    throw error instanceof ParseError ? badRequest(`error decoding patch: ${error.message}`) : error
  }
}

/** An object without `managedFields`, as a write sends it that leaves them to the server. */
function withoutOwners<Body extends object>(object: Body): Body {
  const { metadata } = object as { metadata?: object }
  return { ...object, metadata: { ...metadata, managedFields: undefined } }
}

/** Reads the patch of a request for objects of `kind`. Throws UnsupportedMediaType for a kind of patch that is not served. */
export function patchOf<Body extends object>(request: ApiRequest, kind: Decodable<Body>): PatchBody<Body> {
  const { body, headers, query } = request
  const read = READERS[mediaTypeOf(headers['content-type'])]
  if (read === undefined) throw unsupportedMediaType()
  const fieldValidation = fieldValidationOf(query)
  const { value, duplicates } = parse(body, fieldValidation !== 'Ignore')
  if (fieldValidation === 'Strict' && duplicates.length > 0)
    throw invalid({ group: '', resource: '', name: '' }, [
      invalidField('patch', body.toString(), `strict decoding error: ${duplicates.join(', ')}`),
    ])
  const patch = read(value, kind as Decodable)
  // Field sets are large, and hardly any patch is about them: the others are spared the copy.
  const isAboutOwners = body.includes('managedFields')
  let warnings: readonly string[] = []
  return {
    apply(current) {
      const decoded = decodeValue(patch(isAboutOwners ? current : withoutOwners(current)), kind, { fieldValidation })
      warnings = [...duplicates, ...decoded.warnings]
      return decoded.object
    },
    warnings: () => warnings,
  }
}

const OPENING_BRACE = 0x7b

/** Most clients send JSON, which is YAML too, and is read much faster. */
async function parseConfiguration(body: Buffer, findDuplicates: boolean): Promise<ParsedBody> {
  const text = body.toString()
  try {
    if (body[0] === OPENING_BRACE) return parseJson(text, { findDuplicates })
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    // Then it may be YAML in braces.
  }
  try {
    const { parseYaml } = await import('../codec/yaml.ts')
    return parseYaml(text, { findDuplicates })
  } catch (error) {
    throw error instanceof ParseError ? badRequest(`error decoding YAML: ${error.message}`) : error
  }
}

/** What a server-side apply brings. */
export interface ConfigurationBody {
  configuration: Configuration
  force: boolean
  warnings: readonly string[]
}

/** Reads the configuration of an apply for objects of `kind`. Throws BadRequest for what cannot be one. */
export async function configurationOf({ body, query }: ApiRequest, kind: Decodable): Promise<ConfigurationBody> {
  const fieldValidation = fieldValidationOf(query)
  const { value, duplicates } = await parseConfiguration(body, fieldValidation !== 'Ignore')
  const configuration = decodeConfiguration(value, kind)
  if (fieldValidation === 'Strict' && duplicates.length > 0)
    throw badRequest(`error strict decoding YAML: ${duplicates.join(', ')}`)
  return { configuration, force: parseFlag(one(query, 'force')) ?? false, warnings: duplicates }
}
