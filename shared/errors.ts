import type { FieldError } from './field-errors.ts'

/** Why a request failed: upstream's `metav1.StatusReason`. Code branches on this, never on text. */
export type Reason =
  | 'AlreadyExists'
  | 'BadRequest'
  | 'Conflict'
  | 'Expired'
  | 'Forbidden'
  | 'Gone'
  | 'InternalError'
  | 'Invalid'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'NotFound'
  | 'RequestEntityTooLarge'
  | 'ServiceUnavailable'
  | 'Timeout'
  | 'TooManyRequests'
  | 'Unauthorized'
  | 'UnsupportedMediaType'
  | ''

/** A single cause of a failure; `reason` is a field error's reason or another machine-readable word. */
export interface StatusCause {
  reason?: string
  message?: string
  field?: string
}

export interface StatusDetails {
  name?: string
  group?: string
  kind?: string
  uid?: string
  causes?: StatusCause[]
  retryAfterSeconds?: number
}

/** What an error says about: `pods "x"`, `replicasets.apps "y"`. */
export interface Subject {
  group: string
  /** Plural resource (`pods`, `pods/binding`), or the kind where validation speaks (`Pod`). */
  resource: string
  name: string
}

/** The one error of the API: raised by registry and admission, shown as a Status by `apiserver/http`, raised again by `shared/client`. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: number
  readonly reason: Reason
  readonly details: StatusDetails | undefined
  /** What the Status's metadata says: the token with which an expired list can go on. */
  readonly metadata: { continue?: string }

  constructor(
    code: number,
    reason: Reason,
    message: string,
    details?: StatusDetails,
    metadata: { continue?: string } = {},
  ) {
    super(message)
    this.code = code
    this.reason = reason
    this.details = details
    this.metadata = metadata
  }
}

export const isApiError = (error: unknown, ...reasons: Reason[]): error is ApiError =>
  error instanceof ApiError && (reasons.length === 0 || reasons.includes(error.reason))

const qualified = ({ group, resource }: Subject) => {
  const [plural, sub] = resource.split('/')
  const named = sub === undefined ? plural : `${plural}/${sub}`
  return group === '' ? named : `${named}.${group}`
}

const detailsOf = ({ group, resource, name }: Subject, causes?: StatusCause[]): StatusDetails => ({
  ...(name !== '' && { name }),
  ...(group !== '' && { group }),
  kind: resource,
  ...(causes !== undefined && { causes }),
})

export const alreadyExists = (subject: Subject) =>
  new ApiError(
    409,
    'AlreadyExists',
    `${qualified(subject)} ${JSON.stringify(subject.name)} already exists`,
    detailsOf(subject),
  )

export const notFound = (subject: Subject) =>
  new ApiError(404, 'NotFound', `${qualified(subject)} ${JSON.stringify(subject.name)} not found`, detailsOf(subject))

/** An unknown path below a known API: what upstream answers where no resource is served. */
export const noSuchResource = () =>
  new ApiError(404, 'NotFound', 'the server could not find the requested resource', {})

export const conflict = (subject: Subject, detail: string) =>
  new ApiError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(subject)} ${JSON.stringify(subject.name)}: ${detail}`,
    detailsOf(subject),
  )

/** A write made from an older version of the object. */
export const staleObject = (subject: Subject) =>
  conflict(subject, 'the object has been modified; please apply your changes to the latest version and try again')

export const forbidden = (subject: Subject, detail: string) =>
  new ApiError(
    403,
    'Forbidden',
    `${qualified(subject)}${subject.name === '' ? '' : ` ${JSON.stringify(subject.name)}`} is forbidden: ${detail}`,
    detailsOf(subject),
  )

/** How many errors of one object are told: who has made more of them can do nothing with the rest. */
const FIELD_ERRORS_MAX = 100

/** Field errors of one object, the first of them. `subject.resource` is the kind: `Pod`. */
export function invalid(subject: Subject, all: readonly FieldError[]): ApiError {
  const errors = all.slice(0, FIELD_ERRORS_MAX)
  const shown = errors.map(({ field, message }) => `${field}: ${message}`)
  const unique = [...new Set(shown)]
  const list = unique.length === 1 ? unique[0] : `[${unique.join(', ')}]`
  const causes = errors.map(({ reason, message, field }) => ({ reason, message, field }))
  return new ApiError(
    422,
    'Invalid',
    `${qualified(subject)} ${JSON.stringify(subject.name)} is invalid: ${list}`,
    detailsOf(subject, causes),
  )
}

export const badRequest = (message: string) => new ApiError(400, 'BadRequest', message)

export const methodNotAllowed = () =>
  new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})

export const notAcceptable = () => new ApiError(406, 'NotAcceptable', '406: Not Acceptable', {})

export const unsupportedMediaType = () => new ApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {})

/** The version a watch or list asks for is no longer kept. */
export const expired = (message: string) => new ApiError(410, 'Expired', message)

export const unauthorized = () => new ApiError(401, 'Unauthorized', 'Unauthorized')

export const tooLarge = (limitBytes: number) =>
  new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limitBytes}`)

export const tooManyRequests = (message: string, retryAfterSeconds: number) =>
  new ApiError(429, 'TooManyRequests', message, { retryAfterSeconds })

export const unavailable = (message: string) => new ApiError(503, 'ServiceUnavailable', message)

export const internalError = (message: string) =>
  new ApiError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] })
