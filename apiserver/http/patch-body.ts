import type { Decodable } from '../../shared/api/kind.ts'
import { badRequest, invalid, unsupportedMediaType } from '../../shared/errors.ts'
import { invalid as invalidField } from '../../shared/field-errors.ts'
import { decodeValue } from '../codec/decode.ts'
import { mediaTypeOf, ParseError, parseJson } from '../codec/parse.ts'
import { readJsonPatch } from '../patch/json-patch.ts'
import { readMergePatch } from '../patch/merge-patch.ts'
import { readStrategicMergePatch } from '../patch/strategic-merge.ts'
import { fieldValidationOf } from './body.ts'
import type { ApiRequest } from './exchange.ts'

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
  let warnings: readonly string[] = []
  return {
    apply(current) {
      const decoded = decodeValue(patch(current), kind, { fieldValidation })
      warnings = [...duplicates, ...decoded.warnings]
      return decoded.object
    },
    warnings: () => warnings,
  }
}
