import type { Decodable } from '../../../shared/api/kind.ts'
import { badRequest } from '../../../shared/errors.ts'
import { decodeProtobuf } from './decode.ts'
import { messages } from './messages.ts'
import { WireError } from './wire.ts'

/** The JSON of a protobuf body that should be a `kind`; undefined where such messages cannot be read. Throws BadRequest. */
export function protobufToJson(body: Buffer, kind: Decodable): Buffer | undefined {
  const model = (kind.schema as { 'x-kubernetes-model'?: string })['x-kubernetes-model'] ?? ''
  const message = model.slice(model.lastIndexOf('.') + 1)
  if (!messages.has(message)) return undefined
  try {
    return Buffer.from(JSON.stringify(decodeProtobuf(body, message)))
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    throw badRequest(`the object provided is unrecognized (must be of type ${kind.kind}): ${error.message}`)
  }
}
