/** Limits of rolling updates: a number of pods, or a percentage of them. */
import { type FieldError, invalid, invalidShown } from '../../field-errors.ts'
import { validatePercent } from '../names.ts'

export type IntOrPercent = number | string

/** In Go's notation, in which upstream's messages print it. */
const shown = (value: IntOrPercent) =>
  typeof value === 'number'
    ? `intstr.IntOrString{Type:0, IntVal:${value}, StrVal:""}`
    : `intstr.IntOrString{Type:1, IntVal:0, StrVal:${JSON.stringify(value)}}`

/** An error of such a value. */
export const invalidLimit = (path: string, value: IntOrPercent, detail: string): FieldError =>
  invalidShown(path, shown(value), detail)

const isPercent = (value: IntOrPercent): value is string =>
  typeof value === 'string' && validatePercent(value).length === 0

/** Whether a limit is nothing, be it of pods or of percents. What is neither counts as nothing. */
export const isZero = (value: IntOrPercent): boolean =>
  typeof value === 'number' ? value === 0 : !isPercent(value) || Number(value.slice(0, -1)) === 0

/** That a value is a number of pods or a percentage. */
export function validateLimit(value: IntOrPercent, path: string): FieldError[] {
  if (typeof value === 'string') return validatePercent(value).map((detail) => invalidLimit(path, value, detail))
  return value < 0 ? [invalid(path, value, 'must be greater than or equal to 0')] : []
}

/** That a percentage is one of a part. */
export const refuseMoreThanAll = (value: IntOrPercent, path: string): FieldError[] =>
  isPercent(value) && Number(value.slice(0, -1)) > 100
    ? [invalidLimit(path, value, 'must not be greater than 100%')]
    : []
