/** What a refused apply says: which of its fields are whose. */
import type { ManagedFieldsEntry } from '../../shared/api/meta.ts'
import { ApiError } from '../../shared/errors.ts'
import { type FieldSet, pathsOf } from './field-set.ts'
import { printPath } from './field-step.ts'

/** Fields that an apply would change, and the manager that owns them. */
export interface Conflict {
  entry: ManagedFieldsEntry
  fields: FieldSet
}

function printManager({ manager = '', operation, apiVersion, subresource }: ManagedFieldsEntry): string {
  const name = `${JSON.stringify(manager)}${subresource ? ` with subresource ${JSON.stringify(subresource)}` : ''}`
  return operation === 'Update' ? `${name} using ${apiVersion}` : name
}

/** The Conflict (409), one cause for each field. */
export function applyConflict(conflicts: readonly Conflict[]): ApiError {
  const found = conflicts.map(({ entry, fields }) => ({
    manager: printManager(entry),
    paths: [...pathsOf(fields)].map(printPath),
  }))
  const causes = found.flatMap(({ manager, paths }) =>
    paths.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${manager}`, field })),
  )
  const shown = found.flatMap(({ manager, paths }) => [
    `conflicts with ${manager}:`,
    ...paths.map((path) => `- ${path}`),
  ])
  const [only] = causes
  const message =
    causes.length === 1
      ? `Apply failed with 1 conflict: ${only!.message}: ${only!.field}`
      : `Apply failed with ${causes.length} conflicts: ${shown.join('\n')}`
  return new ApiError(409, 'Conflict', message, { causes })
}
