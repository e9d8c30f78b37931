/** Questions about who somebody is and what they may do. They are posted as objects and answered at once. */
import type { Kind, KubeObject } from '../../shared/api/kind.ts'
import type { PolicyRule } from '../../shared/api/rbac/policy-rule.ts'
import type { AccessReviewStatus, AskedAttributes } from '../../shared/api/reviews/access-attributes.ts'
import { type SelfSubjectReview, selfSubjectReview } from '../../shared/api/reviews/self-subject-review.ts'
import {
  type SelfSubjectRulesReview,
  selfSubjectRulesReview,
} from '../../shared/api/reviews/self-subject-rules-review.ts'
import {
  localSubjectAccessReview,
  type SubjectAccessReview,
  selfSubjectAccessReview,
  subjectAccessReview,
} from '../../shared/api/reviews/subject-access-reviews.ts'
import { tokenReview } from '../../shared/api/reviews/token-review.ts'
import { badRequest, invalid } from '../../shared/errors.ts'
import type { Attributes, Authorizer } from '../auth/authorize.ts'
import type { Identity } from '../auth/identity.ts'
import { decodeBody, writeOptionsOf } from './body.ts'
import type { Endpoint } from './exchange.ts'
import { valueAnswer } from './render.ts'
import { collectionPathOf } from './resource-endpoints.ts'

/** The kinds of the questions, for discovery. */
export const reviewKinds: readonly Kind[] = [
  selfSubjectReview,
  selfSubjectAccessReview,
  selfSubjectRulesReview,
  subjectAccessReview,
  localSubjectAccessReview,
  tokenReview,
] as readonly Kind[]

export const userInfoOf = ({ user, uid, groups, extra }: Identity) => ({
  username: user,
  ...(uid !== undefined && { uid }),
  groups: [...groups],
  ...(extra !== undefined && {
    extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]])),
  }),
})

const whoAmI = (identity: Identity): SelfSubjectReview['status'] => ({ userInfo: userInfoOf(identity) })

function attributesOf(
  { resourceAttributes: asked, nonResourceAttributes: other }: AskedAttributes,
  identity: Identity,
) {
  if (asked === undefined) return { identity, verb: other?.verb ?? '', path: other?.path ?? '' }
  const { verb = '', group = '', resource: plural = '', subresource, namespace, name, fieldSelector } = asked
  const selector = fieldSelector?.rawSelector
  const resource = {
    group,
    plural,
    ...(subresource && { subresource }),
    ...(namespace && { namespace }),
    ...(name && { name }),
    ...(selector && { fieldSelector: selector }),
  }
  return { identity, verb, path: '', resource }
}

function review(authorizer: Authorizer, attributes: Attributes): AccessReviewStatus {
  const { allowed, reason } = authorizer.authorize(attributes)
  return { allowed, ...(reason !== '' && { reason }) }
}

const subjectOf = ({ spec: { user = '', groups = [], uid, extra } }: SubjectAccessReview): Identity => ({
  user,
  groups,
  ...(uid && { uid }),
  ...(extra && { extra }),
})

function rulesFor(authorizer: Authorizer, { spec }: SelfSubjectRulesReview, identity: Identity) {
  const { rules, problem } = authorizer.rulesOf(identity, spec.namespace ?? '')
  const isForPaths = ({ nonResourceURLs = [] }: PolicyRule) => nonResourceURLs.length > 0
  const resourceRules = rules
    .filter((rule) => !isForPaths(rule))
    .map(({ verbs, apiGroups = [], resources = [], resourceNames }) => ({
      verbs,
      apiGroups,
      resources,
      ...(resourceNames !== undefined && { resourceNames }),
    }))
  const nonResourceRules = rules.filter(isForPaths).map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs }))
  return {
    resourceRules,
    nonResourceRules,
    incomplete: problem !== undefined,
    ...(problem !== undefined && { evaluationError: problem }),
  }
}

/** An endpoint that answers a question; `statusOf` finds the answer. */
export function reviewEndpoint<Review extends KubeObject>(
  kind: Kind<Review>,
  statusOf: (review: Review, identity: Identity) => unknown,
): Endpoint {
  const { group, plural } = kind
  return {
    path: collectionPathOf(kind),
    resource: { group, plural },
    handlers: {
      async POST(request) {
        writeOptionsOf(request, 'CreateOptions')
        const { object, warnings } = await decodeBody(request, kind)
        const { namespace } = request
        if (namespace !== undefined) {
          const given = object.metadata.namespace || namespace
          if (given !== namespace)
            throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
          object.metadata.namespace = namespace
        }
        const errors = kind.validate(object)
        if (errors.length > 0) throw invalid({ group, resource: kind.kind, name: '' }, errors)
        const answer = { ...object, status: await statusOf(object, request.identity) }
        return valueAnswer(request, answer, { status: 201, warnings })
      },
    },
  }
}

export function reviewEndpoints(authorizer: Authorizer): Endpoint[] {
  const reviewSubject = (asked: SubjectAccessReview) => review(authorizer, attributesOf(asked.spec, subjectOf(asked)))
  return [
    reviewEndpoint(selfSubjectReview, (_review, identity) => whoAmI(identity)),
    reviewEndpoint(selfSubjectAccessReview, ({ spec }, identity) => review(authorizer, attributesOf(spec, identity))),
    reviewEndpoint(selfSubjectRulesReview, (asked, identity) => rulesFor(authorizer, asked, identity)),
    reviewEndpoint(subjectAccessReview, reviewSubject),
    reviewEndpoint(localSubjectAccessReview, reviewSubject),
  ]
}
