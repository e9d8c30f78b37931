import { ANONYMOUS, type Identity } from './identity.ts'

/** What a request wants to do, for authorization: upstream's authorizer attributes. */
export interface Attributes {
  identity: Identity
  /** A resource verb (`get`, `list` …), or the lowercase HTTP method for other paths. */
  verb: string
  /** Present for requests on resources. */
  resource?: { group: string; plural: string; subresource?: string; namespace?: string; name?: string }
  path: string
}

/** Returns why a request is refused, or nothing. */
export type Authorize = (attributes: Attributes) => string | undefined

/** What anyone may read without credentials: health and version, for probes and clients that look for a server. */
const PUBLIC_PATHS = new Set(['/healthz', '/livez', '/readyz', '/version'])

/** Whether a path is open to callers without credentials. */
export const isPublicPath = (path: string): boolean => PUBLIC_PATHS.has(path)

/** Whoever has proved an identity may do everything; nobody else may do anything but the public paths. */
export const authorizeAuthenticated: Authorize = ({ identity, path }) =>
  identity !== ANONYMOUS || isPublicPath(path) ? undefined : 'no credentials'
