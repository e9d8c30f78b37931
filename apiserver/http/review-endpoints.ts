/** Questions that a caller asks about itself. They are posted as objects and answered at once; nothing is stored. */
import type { Kind, KubeObject } from '../../shared/api/kind.ts'
import { type SelfSubjectAccessReview, selfSubjectAccessReview } from '../../shared/api/self-subject-access-review.ts'
import { type SelfSubjectReview, selfSubjectReview } from '../../shared/api/self-subject-review.ts'
import { invalid } from '../../shared/errors.ts'
import type { Attributes, Authorize } from '../auth/authorize.ts'
import type { Identity } from '../auth/identity.ts'
import { decodeBody, writeOptionsOf } from './body.ts'
import type { Endpoint } from './exchange.ts'
import { valueAnswer } from './render.ts'
import { collectionPathOf } from './resource-endpoints.ts'

/** The kinds of the questions, for discovery. */
export const reviewKinds: readonly Kind[] = [selfSubjectReview, selfSubjectAccessReview] as readonly Kind[]

const whoAmI = ({ user, uid, groups }: Identity): SelfSubjectReview['status'] => ({
  userInfo: { username: user, ...(uid !== undefined && { uid }), groups: [...groups] },
})

function attributesOf({ spec }: SelfSubjectAccessReview, identity: Identity): Attributes {
  const { resourceAttributes: asked, nonResourceAttributes: other } = spec
  if (asked === undefined) return { identity, verb: other?.verb ?? '', path: other?.path ?? '' }
  const { verb = '', group = '', resource: plural = '', subresource, namespace, name } = asked
  const resource = {
    group,
    plural,
    ...(subresource && { subresource }),
    ...(namespace && { namespace }),
    ...(name && { name }),
  }
  return { identity, verb, path: '', resource }
}

function mayI(authorize: Authorize, attributes: Attributes): SelfSubjectAccessReview['status'] {
  const refusal = authorize(attributes)
  return refusal === undefined ? { allowed: true } : { allowed: false, reason: refusal }
}

function reviewEndpoint<Review extends KubeObject>(
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
        const errors = kind.validate(object)
        if (errors.length > 0) throw invalid({ group, resource: kind.kind, name: '' }, errors)
        const answer = { ...object, status: statusOf(object, request.identity) }
        return valueAnswer(request, answer, { status: 201, warnings })
      },
    },
  }
}

export const reviewEndpoints = (authorize: Authorize): Endpoint[] => [
  reviewEndpoint(selfSubjectReview, (_review, identity) => whoAmI(identity)),
  reviewEndpoint(selfSubjectAccessReview, (review, identity) => mayI(authorize, attributesOf(review, identity))),
]
