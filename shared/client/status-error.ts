import { ApiError, type Reason, type StatusDetails, unavailable } from '../errors.ts'

interface StatusBody {
  kind?: string
  status?: string
  message?: string
  reason?: string
  code?: number
  details?: StatusDetails
}

/** The reason that a bare HTTP status stands for, where the body is not a Status (a proxy's answer, say). */
const REASONS: Readonly<Record<number, Reason>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Expired',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
}

/** How much of a body that is no Status is put into a message. */
const MAX_SHOWN_CHARACTERS = 200

/** The ApiError that a Status object (the body of a failed request, the object of an ERROR event) stands for. */
export function errorFromStatus(status: StatusBody, code = status.code ?? 500): ApiError {
  const reason = (status.reason as Reason | undefined) ?? REASONS[code] ?? ''
  return new ApiError(status.code ?? code, reason, status.message ?? `the server answered ${code}`, status.details)
}

/** The ApiError of a response that failed: its Status body, or failing that its HTTP status. */
export function errorFromResponse(code: number, body: Buffer): ApiError {
  const text = body.toString('utf8')
  if (text.startsWith('{')) {
    const decoded = tryParse(text)
    if (decoded?.kind === 'Status') return errorFromStatus(decoded, code)
  }
  const shown = text.slice(0, MAX_SHOWN_CHARACTERS).trim()
  return errorFromStatus({ message: `the server answered ${code}${shown === '' ? '' : `: ${shown}`}` }, code)
}

/** A body that claims to be JSON may have been cut off or come from elsewhere; then only its HTTP status counts. */
function tryParse(text: string): StatusBody | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Any failure to exchange a request and its answer: the caller cannot know whether the server acted. */
export const connectionError = (server: string, cause: Error): ApiError => {
  const error = unavailable(`no answer from ${server}: ${cause.message === '' ? cause.name : cause.message}`)
  error.cause = cause
  return error
}
