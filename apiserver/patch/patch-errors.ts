/** What upstream answers to patches that cannot be read or do not fit. */
import { ApiError, badRequest } from '../../shared/errors.ts'

/** The patch could be read but makes no sense of the object. Upstream keeps to itself what exactly failed. */
export const unprocessable = () =>
  new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {})

/** The patch's document is of another type than its kind of patch: Go's words, with Go's name of the type. */
export const wrongDocument = (document: unknown, wanted: string) => {
  const found = Array.isArray(document) ? 'array' : typeof document === 'boolean' ? 'bool' : typeof document
  return badRequest(`error decoding patch: json: cannot unmarshal ${found} into Go value of type ${wanted}`)
}

export const tooManyOperations = (count: number, max: number) =>
  new ApiError(
    413,
    'RequestEntityTooLarge',
    `Request entity too large: The allowed maximum operations in a JSON patch is ${max}, got ${count}`,
  )
