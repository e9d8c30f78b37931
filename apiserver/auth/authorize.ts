/** Whether someone may do something: the words in which authorizers are asked, and how several of them answer together. */
import type { PolicyRule } from '../../shared/api/rbac/policy-rule.ts'
import { ANONYMOUS, type Identity } from './identity.ts'

/** What a request on a resource is about. */
export interface ResourceAttributes {
  group: string
  plural: string
  subresource?: string
  namespace?: string
  name?: string
  /** The field selector of a list or watch, as its query has it. */
  fieldSelector?: string
}

/** What a request wants to do, for authorization: upstream's authorizer attributes. */
export interface Attributes {
  identity: Identity
  /** A resource verb (`get`, `list` …), or the lowercase HTTP method for other paths. */
  verb: string
  /** Present for requests on resources. */
  resource?: ResourceAttributes
  path: string
}

export interface Decision {
  allowed: boolean
  /** Why; empty where there is nothing to say. */
  reason: string
}

/** What someone may do in one namespace, and everywhere, as far as an authorizer can list it. */
export interface RuleReview {
  rules: readonly PolicyRule[]
  /** What is missing of the list, if anything. */
  problem?: string
}

export interface Authorizer {
  authorize(attributes: Attributes): Decision
  rulesOf(identity: Identity, namespace: string): RuleReview
}

/** What anyone may read without credentials: health and version, for probes and clients that look for a server. */
const PUBLIC_PATHS = new Set(['/healthz', '/livez', '/readyz', '/version'])

/** Whether a path is open to callers without credentials. */
export const isPublicPath = (path: string): boolean => PUBLIC_PATHS.has(path)

export const ADMINISTRATORS = 'system:masters'

/** Whether nothing is ever refused to someone: what lets an administrator mend broken roles. */
export const isAdministrator = ({ groups }: Identity): boolean => groups.includes(ADMINISTRATORS)

const ALLOWED: Decision = { allowed: true, reason: '' }
const EVERYTHING: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

/** Administrators and what is public; for everything else the first authorizer that allows it, or the reasons of all. */
export function createAuthorizer(authorizers: readonly Authorizer[]): Authorizer {
  return {
    authorize(attributes) {
      const { identity, resource, path } = attributes
      if (isAdministrator(identity)) return ALLOWED
      if (resource === undefined && isPublicPath(path) && attributes.verb === 'get') return ALLOWED
      const reasons: string[] = []
      for (const authorizer of authorizers) {
        const decision = authorizer.authorize(attributes)
        if (decision.allowed) return decision
        if (decision.reason !== '') reasons.push(decision.reason)
      }
      return { allowed: false, reason: reasons.join('\n') }
    },
    rulesOf(identity, namespace) {
      if (isAdministrator(identity)) return { rules: EVERYTHING }
      const reviews = authorizers.map((authorizer) => authorizer.rulesOf(identity, namespace))
      const problems = reviews.flatMap(({ problem }) => problem ?? [])
      return {
        rules: reviews.flatMap(({ rules }) => rules),
        ...(problems.length > 0 && { problem: problems.join(', ') }),
      }
    },
  }
}

/** Lets in whoever has proved an identity, and nobody else but to the public paths: `--authorization-mode=AlwaysAllow`. */
export const authorizeAuthenticated: Authorizer = {
  authorize: ({ identity, path }) =>
    identity !== ANONYMOUS || isPublicPath(path) ? ALLOWED : { allowed: false, reason: 'no credentials' },
  rulesOf: () => ({ rules: EVERYTHING }),
}

/** What a refusal says after the object that it names: upstream's words. */
export function refusalText({ identity, verb, resource, path }: Attributes, reason: string): string {
  const who = `User ${JSON.stringify(identity.user)} cannot ${verb}`
  const why = reason === '' ? '' : `: ${reason}`
  if (resource === undefined) return `${who} path ${JSON.stringify(path)}${why}`
  const { group, plural, subresource, namespace = '' } = resource
  const what = JSON.stringify(subresource === undefined ? plural : `${plural}/${subresource}`)
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`
  return `${who} resource ${what} in API group ${JSON.stringify(group)} ${where}${why}`
}
