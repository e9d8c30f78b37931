import { type FieldError, invalid } from '../field-errors.ts'

/** Properties that no object has both of. */
const EXCLUSIVE = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const

/** Errors of scopes that together select nothing. */
export const validateScopes = (scopes: readonly string[] = [], path: string): FieldError[] =>
  EXCLUSIVE.some((pair) => pair.every((scope) => scopes.includes(scope)))
    ? [invalid(path, scopes, 'conflicting scopes')]
    : []

/** Whether two lists name the same scopes, in whatever order. */
export const sameQuotaScopes = (a: readonly string[] = [], b: readonly string[] = []): boolean =>
  new Set(a).symmetricDifference(new Set(b)).size === 0
