/** The small rules that validation of pods is made of. Each returns errors, or none. */
import { isIP } from 'node:net'
import { at, type FieldError, invalid, notSupported, required } from '../../../field-errors.ts'

/** A list's elements with their paths, each judged by `judge`. An absent list has no errors. */
export const forEach = <Item>(
  items: readonly Item[] | undefined,
  path: string,
  judge: (item: Item, path: string, index: number) => readonly FieldError[],
): FieldError[] => (items ?? []).flatMap((item, index) => judge(item, at(path, index), index))

/** An optional object, judged where it is present. */
export const ifPresent = <Value>(
  value: Value | undefined,
  judge: (value: Value) => readonly FieldError[],
): readonly FieldError[] => (value === undefined ? [] : judge(value))

/** What a rule for names says about a value. */
export const obeys = (path: string, value: string, rule: (value: string) => readonly string[]): FieldError[] =>
  rule(value).map((detail) => invalid(path, value, detail))

/** The same for an optional value: an empty one is no error. */
export const obeysIfSet = (path: string, value: string | undefined, rule: (value: string) => readonly string[]) =>
  value ? obeys(path, value, rule) : []

/** A text that may not be empty. */
export const isSet = (path: string, value: string | undefined, detail = ''): FieldError[] =>
  value ? [] : [required(path, detail)]

/** A text that may not be empty and obeys a rule. */
export const isSetAndObeys = (
  path: string,
  value: string | undefined,
  rule: (value: string) => readonly string[],
): FieldError[] => (value ? obeys(path, value, rule) : [required(path)])

/** One of the supported values; absent is fine. */
export const isOneOf = (path: string, value: string | undefined, supported: readonly string[]): FieldError[] =>
  value === undefined || supported.includes(value) ? [] : [notSupported(path, value, supported)]

/** One of the supported values, and one there must be. */
export const isSetToOneOf = (path: string, value: string | undefined, supported: readonly string[]): FieldError[] =>
  value ? isOneOf(path, value, supported) : [required(path)]

/** A whole number within bounds; absent is fine. */
export const isInRange = (path: string, value: number | undefined, min: number, max: number): FieldError[] =>
  value === undefined || (value >= min && value <= max)
    ? []
    : [invalid(path, value, `must be between ${min} and ${max}, inclusive`)]

/** A number that is not negative; absent is fine. */
export const isNotNegative = (path: string, value: number | undefined): FieldError[] =>
  value === undefined || value >= 0 ? [] : [invalid(path, value, 'must be greater than or equal to 0')]

export const MAX_INT32 = 2 ** 31 - 1
const MAX_FILE_MODE = 0o777

/** A user or group ID. */
export const isId = (path: string, value: number | undefined): FieldError[] => isInRange(path, value, 0, MAX_INT32)

export const isFileMode = (path: string, value: number | undefined): FieldError[] =>
  value === undefined || (value >= 0 && value <= MAX_FILE_MODE)
    ? []
    : [invalid(path, value, 'must be a number between 0 and 0777 (octal), both inclusive')]

/** An address of either IP family. */
export const isIpAddress = (path: string, value: string | undefined): FieldError[] =>
  isIP(value ?? '') !== 0
    ? []
    : [invalid(path, value ?? '', 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')]

/** No element of the path leads upwards. */
export const hasNoBacksteps = (path: string, value: string): FieldError[] =>
  value.split('/').includes('..') ? [invalid(path, value, "must not contain '..'")] : []

/** A relative path that stays below where it starts. */
export const isDescendingPath = (path: string, value: string): FieldError[] => [
  ...(value.startsWith('/') ? [invalid(path, value, 'must be a relative path')] : []),
  ...hasNoBacksteps(path, value),
]

/** A descending path that leaves names beginning with `..` to the kubelet's own files. */
export const isUnreservedPath = (path: string, value: string): FieldError[] => [
  ...isDescendingPath(path, value),
  ...(value.startsWith('..') && value !== '..' && !value.startsWith('../')
    ? [invalid(path, value, "must not start with '..'")]
    : []),
]
