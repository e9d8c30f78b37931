/** Who sends a request and whether it may do what it wants, before any of its body is read. */
import type { FastifyRequest } from 'fastify'
import { badRequest, forbidden, noSuchResource, unauthorized } from '../../shared/errors.ts'
import type { Authenticate } from '../auth/authenticate.ts'
import { type Authorize, isPublicPath } from '../auth/authorize.ts'
import { ANONYMOUS, type Identity } from '../auth/identity.ts'
import type { Call } from './call.ts'
import type { ApiRequest, Endpoint, Query } from './exchange.ts'
import type { AcceptClause } from './negotiate.ts'
import { verbOf } from './request-verb.ts'

export interface Access {
  authenticate: Authenticate
  authorize: Authorize
}

const NO_BODY = Buffer.alloc(0)

/** Finds out who sent a request. Throws Unauthorized for wrong credentials, and for none where some are needed. */
export function identify({ authenticate }: Pick<Access, 'authenticate'>, { raw, path }: Call): Identity {
  if (raw.headers.host === undefined && raw.httpVersion !== '1.0') throw badRequest('missing required Host header')
  const identity = authenticate(raw)
  if (identity !== undefined) return identity
  // Credentials that are wrong are refused everywhere; none at all are enough for what is public.
  if (raw.headers.authorization === undefined && isPublicPath(path)) return ANONYMOUS
  throw unauthorized()
}

/** A part of a path that was written with `%2F` names nothing: upstream takes the slash for one. */
function checkPathPart(part: string | undefined): void {
  if (part?.includes('/')) throw noSuchResource()
}

export function requestOf(
  { raw, query, params, method }: FastifyRequest,
  { identity, path, accept }: { identity: Identity; path: string; accept: readonly AcceptClause[] },
): ApiRequest {
  const { namespace, name } = params as { namespace?: string; name?: string }
  checkPathPart(namespace)
  checkPathPart(name)
  return {
    method,
    path,
    query: query as Query,
    headers: raw.headers,
    body: NO_BODY,
    identity,
    accept,
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
  }
}

/** Refuses with Forbidden what the caller may not do; returns the verb that it was asked about. */
export function authorizeRequest(
  { authorize }: Pick<Access, 'authorize'>,
  endpoint: Endpoint,
  request: ApiRequest,
): string {
  const { identity, path, namespace, name } = request
  const { resource } = endpoint
  const verb = verbOf(request, endpoint)
  const refusal = authorize({
    identity,
    path,
    verb,
    ...(resource !== undefined && { resource: { ...resource, namespace, name } }),
  })
  if (refusal === undefined) return verb
  const subject = { group: resource?.group ?? '', resource: resource?.plural ?? path, name: name ?? '' }
  throw forbidden(subject, `User ${JSON.stringify(identity.user)} cannot ${verb} this: ${refusal}`)
}
