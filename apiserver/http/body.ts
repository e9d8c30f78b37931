/** What requests bring: bodies, and the options of writes in the query. */

import { type DeleteOptionsBody, deleteOptions } from '../../shared/api/delete-options.ts'
import type { Decodable } from '../../shared/api/kind.ts'
import type { DeleteOptions } from '../../shared/api/meta.ts'
import { badRequest, invalid, unsupportedMediaType } from '../../shared/errors.ts'
import { type FieldError, notSupported } from '../../shared/field-errors.ts'
import { type Decoded, decodeObject, type FieldValidation } from '../codec/decode.ts'
import { mediaTypeOf } from '../codec/parse.ts'
import type { WriteOptions } from '../registry/resource.ts'
import { type ApiRequest, one, type Query } from './exchange.ts'
import { fieldManagerErrors, fieldManagerOf } from './field-manager.ts'

const PROTOBUF_TYPE = 'application/vnd.kubernetes.protobuf'

/** A protobuf body as the JSON that says the same. Throws UnsupportedMediaType for kinds whose messages are not known. */
async function jsonFromProtobuf(body: Buffer, kind: Decodable): Promise<Buffer> {
  // Loaded for the first client that sends one.
  const { protobufToJson } = await import('../codec/protobuf/to-json.ts')
  const json = protobufToJson(body, kind)
  if (json === undefined) throw unsupportedMediaType()
  return json
}

/** Decodes a request's body as an object of `kind`. Throws ApiErrors. */
export async function decodeBody<Body extends object>(
  { body, headers, query }: ApiRequest,
  kind: Decodable<Body>,
): Promise<Decoded<Body>> {
  const fieldValidation = fieldValidationOf(query)
  const contentType = headers['content-type']
  if (mediaTypeOf(contentType) !== PROTOBUF_TYPE) return decodeObject(body, contentType, kind, { fieldValidation })
  return decodeObject(await jsonFromProtobuf(body, kind as Decodable), undefined, kind, { fieldValidation })
}

const FIELD_VALIDATIONS: readonly FieldValidation[] = ['Ignore', 'Strict', 'Warn']

/** What to do about unknown and repeated fields: warn, where the client does not say. */
export const fieldValidationOf = (query: Query): FieldValidation =>
  (one(query, 'fieldValidation') || 'Warn') as FieldValidation

type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions'

const refuseInvalid = (kind: OptionsKind, errors: readonly FieldError[]) => {
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', resource: kind, name: '' }, errors)
}

const valuesOf = (query: Query, name: string): readonly string[] => [query[name] ?? []].flat()

/** The options of a write from its query. Throws the Invalid ApiError for values that there are not. */
export function writeOptionsOf(request: ApiRequest, kind: OptionsKind): WriteOptions {
  const { query, identity } = request
  const dryRun = valuesOf(query, 'dryRun')
  const validation = one(query, 'fieldValidation') ?? ''
  const errors = kind === 'DeleteOptions' ? [] : fieldManagerErrors(request)
  if (dryRun.some((value) => value !== 'All')) errors.push(notSupported('dryRun', dryRun, ['All']))
  if (validation !== '' && !FIELD_VALIDATIONS.includes(validation as FieldValidation))
    errors.push(notSupported('fieldValidation', validation, FIELD_VALIDATIONS))
  refuseInvalid(kind, errors)
  return { identity, manager: fieldManagerOf(request), dryRun: dryRun.length > 0 }
}

function optionsFromQuery(query: Query): DeleteOptionsBody {
  const grace = one(query, 'gracePeriodSeconds')
  if (grace !== undefined && !/^-?\d+$/.test(grace))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(grace)}: invalid syntax`)
  const orphan = one(query, 'orphanDependents')
  const policy = one(query, 'propagationPolicy')
  return {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...(grace !== undefined && { gracePeriodSeconds: Number(grace) }),
    ...(orphan !== undefined && { orphanDependents: orphan === 'true' || orphan === '1' }),
    ...(policy !== undefined && { propagationPolicy: policy }),
  }
}

/** The options of a DELETE: its body, or its query where it has none. */
export async function deleteOptionsOf(request: ApiRequest): Promise<WriteOptions & { options: DeleteOptions }> {
  const { query, body } = request
  const options = body.length > 0 ? (await decodeBody(request, deleteOptions)).object : optionsFromQuery(query)
  refuseInvalid('DeleteOptions', deleteOptions.validate(options))
  const write = writeOptionsOf(request, 'DeleteOptions')
  const dryRun = write.dryRun || (options.dryRun ?? []).length > 0
  // Validation has left only the policies that there are.
  return { ...write, dryRun, options: options as DeleteOptions }
}
