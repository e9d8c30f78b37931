import type { Kind, KubeObject } from '../../shared/api/kind.ts'
import { badRequest } from '../../shared/errors.ts'
import {
  type FieldSelector,
  matchesFieldSelector,
  parseFieldSelector,
  requiredFieldValue,
} from '../../shared/fields.ts'
import { matchesSelector, parseSelector } from '../../shared/labels.ts'
import type { CacheSelection } from '../cache/cache.ts'
import { INDEXED_FIELDS } from '../cache/selection.ts'

/** Which objects of a kind a request speaks about, in the words of its query. */
export interface SelectionQuery {
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
}

/** A selection, and whether selectors narrow it. */
export interface Selection extends CacheSelection {
  isFiltered: boolean
}

function fieldReader(kind: Kind, field: string): (object: KubeObject) => string {
  if (field === 'metadata.name') return ({ metadata }) => metadata.name
  if (field === 'metadata.namespace' && kind.namespaced) return ({ metadata }) => metadata.namespace ?? ''
  const fields = kind.selectableFields ?? {}
  if (Object.hasOwn(fields, field)) return fields[field]!
  throw badRequest(
    kind.selectableFields === undefined
      ? `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`
      : `field label not supported: ${field}`,
  )
}

function fieldMatcher(kind: Kind, selector: FieldSelector) {
  const readers = new Map(selector.map(({ field }) => [field, fieldReader(kind, field)]))
  return (object: KubeObject) => matchesFieldSelector(selector, (field) => readers.get(field)!(object))
}

/** Reads a query's selectors for a kind. Throws BadRequest ApiErrors. */
export function selectionOf(kind: Kind, query: SelectionQuery): Selection {
  const labels = parseSelector(query.labelSelector ?? '')
  const fields = parseFieldSelector(query.fieldSelector ?? '')
  const fieldsMatch = fieldMatcher(kind, fields)
  const isFiltered = labels.length > 0 || fields.length > 0
  const namespace = query.namespace ?? requiredFieldValue(fields, 'metadata.namespace')
  const name = requiredFieldValue(fields, 'metadata.name')
  const index = INDEXED_FIELDS.map((field) => ({ field, value: requiredFieldValue(fields, field) })).find(
    (entry): entry is { field: string; value: string } => entry.value !== undefined,
  )
  return {
    isFiltered,
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
    ...(index !== undefined && { index }),
    ...(isFiltered && {
      selector: `${query.labelSelector ?? ''}\n${query.fieldSelector ?? ''}`,
      matches: (object: KubeObject) => matchesSelector(labels, object.metadata.labels) && fieldsMatch(object),
    }),
  }
}
