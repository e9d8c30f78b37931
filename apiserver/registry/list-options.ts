import { ApiError, badRequest, invalid } from '../../shared/errors.ts'
import { type FieldError, forbidden, notSupported } from '../../shared/field-errors.ts'
import type { SelectionQuery } from './selection.ts'

/** The query of a list or a watch, as clients write it. */
export interface ListQuery extends SelectionQuery {
  limit?: string
  continue?: string
  resourceVersion?: string
  resourceVersionMatch?: string
  sendInitialEvents?: string
}

const MATCHES = ['Exact', 'NotOlderThan', '']

/** A version as a number. Upstream answers with 500 and Go's words for one that is none. */
export function parseRevision(text: string): number {
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text)
  const detail = /^\d+$/.test(text) ? 'value out of range' : 'invalid syntax'
  const shown = JSON.stringify(text)
  throw new ApiError(
    500,
    '',
    `resourceVersion: Invalid value: ${shown}: strconv.ParseUint: parsing ${shown}: ${detail}`,
  )
}

/** A whole number from a query; absent where it is 0 or not given. */
export function parseCount(name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  if (!/^[+-]?\d+$/.test(text)) {
    const shown = JSON.stringify(text)
    throw badRequest(`unable to decode query parameter ${name}: strconv.ParseInt: parsing ${shown}: invalid syntax`)
  }
  return Math.max(0, Number(text)) || undefined
}

/** A flag from a query, by upstream's rule: anything but `false` and `0` is yes, where it is given at all. */
export const parseFlag = (text: string | undefined): boolean | undefined =>
  text === undefined ? undefined : text !== 'false' && text !== '0'

const refuseInvalid = (errors: readonly FieldError[]) => {
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', resource: 'ListOptions', name: '' }, errors)
}

/** Refuses options that make no sense together in a list. */
export function validateListQuery(query: ListQuery): void {
  const { resourceVersion = '', resourceVersionMatch: match = '', continue: token = '' } = query
  const errors: FieldError[] = []
  const refuse = (detail: string) => errors.push(forbidden('resourceVersionMatch', detail))
  if (match !== '') {
    if (resourceVersion === '') refuse('resourceVersionMatch is forbidden unless resourceVersion is provided')
    if (token !== '') refuse('resourceVersionMatch is forbidden when continue is provided')
    if (!MATCHES.includes(match)) errors.push(notSupported('resourceVersionMatch', match, MATCHES))
    if (match === 'Exact' && resourceVersion === '0')
      refuse('resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
  }
  if (query.sendInitialEvents !== undefined)
    errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'))
  refuseInvalid(errors)
  if (token !== '' && resourceVersion !== '' && resourceVersion !== '0')
    throw badRequest('specifying resource version is not allowed when using continue')
}

/** Refuses options that make no sense together in a watch. */
export function validateWatchQuery(query: ListQuery): void {
  const { resourceVersionMatch: match = '', continue: token = '', sendInitialEvents } = query
  const errors: FieldError[] = []
  const refuse = (detail: string) => errors.push(forbidden('resourceVersionMatch', detail))
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan')
    refuse('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')
  if (match !== '') {
    if (sendInitialEvents === undefined)
      refuse('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided')
    if (match !== 'NotOlderThan') errors.push(notSupported('resourceVersionMatch', match, ['NotOlderThan']))
    if (token !== '') refuse('resourceVersionMatch is forbidden when continue is provided')
  }
  refuseInvalid(errors)
}
