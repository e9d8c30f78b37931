/** Objects of a kind as the API server makes them of what a client sends. */
import { decodeValue } from '../../apiserver/codec/decode.ts'
import type { Kind, KubeObject } from '../../shared/api/kind.ts'

/** A client's draft, decoded and with defaults. */
export const decoded = <Object extends KubeObject>(kind: Kind<Object>, draft: object): Object =>
  decodeValue(draft, kind, { fieldValidation: 'Strict' }).object

/** A client's draft as a new object: what is validated and stored. */
export function created<Object extends KubeObject>(kind: Kind<Object>, draft: object): Object {
  const object = decoded(kind, draft)
  kind.prepareForCreate?.(object)
  return object
}

/** The cells of an object's row, by the names of the columns. */
export const row = <Object extends KubeObject>(kind: Kind<Object>, object: Object, nowMs = 0) =>
  Object.fromEntries(kind.columns.map(({ name, cell }) => [name, cell(object, nowMs)]))

/** Errors in one line each, as a client reads them. */
export const shown = (errors: readonly { field: string; message: string }[]): string[] =>
  errors.map(({ field, message }) => `${field}: ${message}`)
