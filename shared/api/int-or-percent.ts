import { type FieldError, invalid } from '../field-errors.ts'
import { validatePercent } from './names.ts'

/** Errors of a value that must be a number from 0 up, or a percentage (upstream's `ValidatePositiveIntOrPercent`). */
export function validateIntOrPercent(value: number | string, field: string): FieldError[] {
  if (typeof value === 'string') return validatePercent(value).map((detail) => invalid(field, value, detail))
  return value < 0 ? [invalid(field, value, 'must be greater than or equal to 0')] : []
}

/** Errors of a percentage that is more than everything. Plain numbers have none. */
export const validateAtMostAll = (value: number | string, field: string): FieldError[] =>
  typeof value === 'string' && validatePercent(value).length === 0 && Number.parseInt(value, 10) > 100
    ? [invalid(field, value, 'must not be greater than 100%')]
    : []
