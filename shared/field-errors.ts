/** Errors of single fields, as Kubernetes' validation reports them (`field.Error`). */

export type FieldErrorReason =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueDuplicate'
  | 'FieldValueNotFound'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'

export interface FieldError {
  reason: FieldErrorReason
  /** Path as upstream writes it: `spec.containers[0].image`, `metadata.labels`. */
  field: string
  /** Without the field: `Required value: name or generateName is required`. */
  message: string
}

/** A value as upstream's messages print it: strings quoted, string maps as `map[string]string{"a":"b"}`. */
export function showValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (value === undefined || value === null) return 'null'
  if (typeof value !== 'object') return String(value)
  if (Array.isArray(value)) return JSON.stringify(value)
  const entries = Object.entries(value)
  if (!entries.every(([, member]) => typeof member === 'string')) return JSON.stringify(value)
  const members = entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${JSON.stringify(member)}`)
  return `map[string]string{${members.join(', ')}}`
}

const withDetail = (text: string, detail: string) => (detail === '' ? text : `${text}: ${detail}`)

export const required = (field: string, detail = ''): FieldError => ({
  reason: 'FieldValueRequired',
  field,
  message: withDetail('Required value', detail),
})

export const invalid = (field: string, value: unknown, detail: string): FieldError => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${showValue(value)}: ${detail}`,
})

/** The same for a value that upstream prints in Go's notation, and has been written in it by the caller. */
export const invalidShown = (field: string, shown: string, detail: string): FieldError => ({
  reason: 'FieldValueInvalid',
  field,
  message: withDetail(`Invalid value: ${shown}`, detail),
})

/** The same where the value is left out of the message. */
export const invalidWithoutValue = (field: string, detail: string): FieldError => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${detail}`,
})

/** `supported` is shown in the order given: upstream sorts most of its sets, but not all. */
export const notSupported = (field: string, value: unknown, supported: readonly string[]): FieldError =>
  notSupportedShown(field, showValue(value), supported)

/** The same for a value that has been written in Go's notation by the caller. */
export const notSupportedShown = (field: string, shown: string, supported: readonly string[]): FieldError => ({
  reason: 'FieldValueNotSupported',
  field,
  message: `Unsupported value: ${shown}: supported values: ${supported.map((item) => JSON.stringify(item)).join(', ')}`,
})

export const forbidden = (field: string, detail: string): FieldError => ({
  reason: 'FieldValueForbidden',
  field,
  message: `Forbidden: ${detail}`,
})

export const duplicate = (field: string, value: unknown): FieldError => ({
  reason: 'FieldValueDuplicate',
  field,
  message: `Duplicate value: ${showValue(value)}`,
})

export const notFound = (field: string, value: unknown): FieldError => ({
  reason: 'FieldValueNotFound',
  field,
  message: `Not found: ${showValue(value)}`,
})

export const tooLong = (field: string, maxBytes: number): FieldError => ({
  reason: 'FieldValueTooLong',
  field,
  message: `Too long: may not be more than ${maxBytes} bytes`,
})

export const tooMany = (field: string, count: number, max: number): FieldError => ({
  reason: 'FieldValueTooMany',
  field,
  message: `Too many: ${count}: must have at most ${max} items`,
})

/** `metadata.labels[app]`-style and `spec.containers[0]`-style paths. */
export const at = (path: string, key: string | number): string => `${path}[${key}]`
