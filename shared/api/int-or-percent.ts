/** Numbers of pods that may be given as a percentage of all of them. */
import { type FieldError, invalid, invalidShown } from '../field-errors.ts'
import { validatePercent } from './names.ts'

export type IntOrPercent = number | string

/** In Go's notation, in which upstream's messages print it. */
const shown = (value: IntOrPercent) =>
  typeof value === 'number'
    ? `intstr.IntOrString{Type:0, IntVal:${value}, StrVal:""}`
    : `intstr.IntOrString{Type:1, IntVal:0, StrVal:${JSON.stringify(value)}}`

/** An error of such a value. */
export const invalidIntOrPercent = (path: string, value: IntOrPercent, detail: string): FieldError =>
  invalidShown(path, shown(value), detail)

const isPercent = (value: IntOrPercent): value is string =>
  typeof value === 'string' && validatePercent(value).length === 0

/** Whether a value is nothing, be it of pods or of percents. What is neither counts as nothing. */
export const isZero = (value: IntOrPercent): boolean =>
  typeof value === 'number' ? value === 0 : !isPercent(value) || Number(value.slice(0, -1)) === 0

/** Errors of a value that must be a number from 0 up, or a percentage (upstream's `ValidatePositiveIntOrPercent`). */
export function validateIntOrPercent(value: IntOrPercent, path: string): FieldError[] {
  if (typeof value === 'string') return validatePercent(value).map((detail) => invalidIntOrPercent(path, value, detail))
  return value < 0 ? [invalid(path, value, 'must be greater than or equal to 0')] : []
}

/** Errors of a percentage that is more than everything. Plain numbers have none. */
export const validateAtMostAll = (value: IntOrPercent, path: string): FieldError[] =>
  isPercent(value) && Number(value.slice(0, -1)) > 100
    ? [invalidIntOrPercent(path, value, 'must not be greater than 100%')]
    : []
