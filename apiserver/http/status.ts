/** Status objects: how errors, and successes without an object, are answered. */
import { ApiError, internalError, type StatusDetails } from '../../shared/errors.ts'
import { type ApiRequest, JSON_TYPE, type PlainAnswer } from './exchange.ts'
import { isForPeople } from './readers.ts'

/** An error as the Status object that clients are sent. */
export const statusOf = ({ message, reason, details, code, metadata }: ApiError) => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata,
  status: 'Failure',
  message,
  ...(reason !== '' && { reason }),
  ...(details !== undefined && { details }),
  code,
})

/** The answer that tells a client of an error. */
export function errorAnswer(error: ApiError, request: Pick<ApiRequest, 'query' | 'headers'>): PlainAnswer {
  const { retryAfterSeconds } = error.details ?? {}
  const indent = isForPeople(request) ? 2 : undefined
  return {
    status: error.code,
    contentType: JSON_TYPE,
    body: `${JSON.stringify(statusOf(error), null, indent)}\n`,
    ...(retryAfterSeconds !== undefined && { headers: { 'retry-after': String(retryAfterSeconds) } }),
  }
}

/** A success without an object of its own. A bare one says its code, one with details does not: upstream's habit. */
export function successAnswer(status: number, details?: StatusDetails): PlainAnswer {
  const said = details === undefined ? { code: status } : { details }
  const body = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', ...said }
  return { status, contentType: JSON_TYPE, body: `${JSON.stringify(body)}\n` }
}

/** Anything that a handler throws, as an ApiError; what is none is our own fault, and told in one sentence. */
export const asApiError = (error: unknown): ApiError =>
  error instanceof ApiError ? error : internalError(error instanceof Error ? error.message : String(error))
