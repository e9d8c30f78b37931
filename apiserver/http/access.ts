/** Who sends a request and whether it may do what it wants, before any of its body is read. */
import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { ApiError, badRequest, forbidden, noSuchResource, unauthorized } from '../../shared/errors.ts'
import { parseFieldSelector, requiredFieldValue } from '../../shared/fields.ts'
import type { Authenticate } from '../auth/authenticate.ts'
import { type Attributes, type Authorizer, isPublicPath, refusalText } from '../auth/authorize.ts'
import { ANONYMOUS, type Identity, UNSECURED } from '../auth/identity.ts'
import { isImpersonation, readImpersonation } from '../auth/impersonation.ts'
import type { Call } from './call.ts'
import { type ApiRequest, type Endpoint, one, type Query } from './exchange.ts'
import { isInsecure, isLocalHost } from './insecure-server.ts'
import { createPageCheck, type PageCheck } from './page-check.ts'
import { verbOf } from './request-verb.ts'

export interface Access {
  authenticate: Authenticate
  authorizer: Authorizer
  /** Of requests over TLS. */
  checkPage: PageCheck
}

const NO_BODY = Buffer.alloc(0)

/**
 * Finds out who sent a request, at once for nearly all. Throws Unauthorized for wrong credentials, and for none where some
 * are needed.
 */
export function identify(
  { authenticate, checkPage }: Pick<Access, 'authenticate' | 'checkPage'>,
  { raw, path }: Call,
): Identity | Promise<Identity> {
  if (isInsecure(raw)) return identifyInsecure(raw)
  checkPage(raw.headers)
  if (raw.headers.host === undefined && raw.httpVersion !== '1.0') throw badRequest('missing required Host header')
  const found = authenticate(raw)
  return found instanceof Promise
    ? found.then((identity) => identified(identity, { raw, path }))
    : identified(found, { raw, path })
}

const checkPlainPage = createPageCheck({ scheme: 'http' })

/** Whoever reaches the insecure port is an administrator. */
function identifyInsecure(raw: IncomingMessage): Identity {
  checkPlainPage(raw.headers)
  if (!isLocalHost(raw.headers.host))
    throw new ApiError(403, 'Forbidden', `the host ${JSON.stringify(raw.headers.host)} is not this machine`, {})
  return UNSECURED
}

function identified(identity: Identity | undefined, { raw, path }: Pick<Call, 'raw' | 'path'>): Identity {
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
  known: Pick<ApiRequest, 'accept' | 'identity' | 'isUpgrade' | 'path'>,
): ApiRequest {
  const { namespace, name } = params as { namespace?: string; name?: string }
  checkPathPart(namespace)
  checkPathPart(name)
  return {
    ...known,
    method,
    query: query as Query,
    headers: raw.headers,
    body: NO_BODY,
    incoming: raw,
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
  }
}

/** Verbs on collections: what they are about may be said by a field selector. */
const COLLECTION_VERBS = new Set(['list', 'watch', 'deletecollection'])

/** The name to which a selector narrows a collection. One that cannot be read is told so later. */
function selectedName(selector: string): string | undefined {
  try {
    return requiredFieldValue(parseFieldSelector(selector), 'metadata.name')
  } catch (error) {
    if (error instanceof ApiError) return undefined
    throw error
  }
}

function resourceAsked({ resource }: Endpoint, { namespace, name, query }: ApiRequest, verb: string) {
  if (resource === undefined) return undefined
  // A namespace is in itself, as upstream has it: who is let into one may read it.
  const place = resource.group === '' && resource.plural === 'namespaces' ? name : namespace
  const asked = { ...resource, ...(place !== undefined && { namespace: place }), ...(name !== undefined && { name }) }
  const fieldSelector = COLLECTION_VERBS.has(verb) ? one(query, 'fieldSelector') : undefined
  if (fieldSelector === undefined) return asked
  const selected = name ?? selectedName(fieldSelector)
  return { ...asked, fieldSelector, ...(selected !== undefined && { name: selected }) }
}

/** What a request is refused with that its sender may not make: upstream's 403. */
export function forbiddenRequest(attributes: Attributes, reason: string): ApiError {
  const { resource } = attributes
  const text = refusalText(attributes, reason)
  if (resource === undefined) return new ApiError(403, 'Forbidden', `forbidden: ${text}`, {})
  return forbidden({ group: resource.group, resource: resource.plural, name: resource.name ?? '' }, text)
}

/** Asks whether the sender of a call may do something, and notes the answer. Throws the Forbidden ApiError. */
export function authorizeCall({ authorizer }: Pick<Access, 'authorizer'>, call: Call, attributes: Attributes): void {
  const decision = authorizer.authorize(attributes)
  call.decision = decision
  if (!decision.allowed) throw forbiddenRequest(attributes, decision.reason)
}

/** Lets a call act as somebody else, where its headers ask for that and its sender may. Throws Forbidden. */
export function impersonate(access: Pick<Access, 'authorizer'>, call: Call, sender: Identity): Identity {
  if (!isImpersonation(call.raw.headers)) return sender
  const { needs, identity } = readImpersonation(call.raw.headersDistinct)
  for (const resource of needs)
    authorizeCall(access, call, { identity: sender, verb: 'impersonate', path: call.path, resource })
  call.impersonator = sender
  return identity
}

/** Refuses with Forbidden what the caller may not do; notes the verb that was asked about. */
export function authorizeRequest(access: Pick<Access, 'authorizer'>, endpoint: Endpoint, call: Call): void {
  const request = call.request!
  call.verb = verbOf(request, endpoint)
  const resource = resourceAsked(endpoint, request, call.verb)
  const { identity, path } = request
  authorizeCall(access, call, { identity, path, verb: call.verb, ...(resource !== undefined && { resource }) })
}

const UNKNOWN_RESOURCE =
  /^\/(?:api|apis\/([^/]+))\/[^/]+\/(?:namespaces\/([^/]+)\/)?([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?/

/** The same where nothing is served under the path: who may not ask is not told so. */
export function authorizeUnknown(access: Pick<Access, 'authorizer'>, call: Call, identity: Identity): void {
  const { path, raw } = call
  const method = raw.method!.toLowerCase()
  const [, group = '', namespace, plural, name, subresource] = UNKNOWN_RESOURCE.exec(path) ?? []
  if (plural === undefined) {
    authorizeCall(access, call, { identity, verb: method, path })
    return
  }
  const verb = verbOf(
    { method: raw.method!, query: {}, ...(name !== undefined && { name }) },
    { resource: { group, plural } },
  )
  const resource = {
    group,
    plural,
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
    ...(subresource !== undefined && { subresource }),
  }
  authorizeCall(access, call, { identity, verb, path, resource })
}
