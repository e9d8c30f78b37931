/** What ConfigMaps and Secrets have in common: named entries of limited size, and the promise never to change them. */
import { at, type FieldError, forbidden, invalid } from '../field-errors.ts'
import { validateConfigKey } from './names.ts'

/** Upstream's limit for the values of one ConfigMap or Secret together. */
export const MAX_CONFIG_BYTES = 1024 * 1024

export type Entries = Readonly<Record<string, string>>

export const validateKeys = (entries: Entries, field: string): FieldError[] =>
  Object.keys(entries).flatMap((key) => validateConfigKey(key).map((detail) => invalid(at(field, key), key, detail)))

/** Bytes of all values together, in the encoding that they are held in. */
export const sizeOf = (entries: Entries, encoding: 'utf8' | 'base64'): number =>
  Object.values(entries).reduce((sum, value) => sum + Buffer.byteLength(value, encoding), 0)

/** Whether two maps hold the same entries, in whatever order. */
function isSame(a: Entries = {}, b: Entries = {}): boolean {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && a[key] === b[key])
}

type Immutable<Field extends string> = { immutable?: boolean } & Partial<Record<Field, Entries>>

/** Errors of a change to an object that was immutable before. */
export function validateImmutable<Field extends string>(
  object: Immutable<Field>,
  old: Immutable<Field>,
  fields: readonly Field[],
): FieldError[] {
  if (old.immutable !== true) return []
  const changed: string[] = fields.filter((field) => !isSame(object[field], old[field]))
  if (object.immutable !== true) changed.unshift('immutable')
  return changed.map((field) => forbidden(field, 'field is immutable when `immutable` is set'))
}
