/** Tokens: made for service accounts, looked into for others, and the key with which anybody can verify them. */
import { tokenRequest } from '../../shared/api/reviews/token-request.ts'
import { type TokenReview, tokenReview } from '../../shared/api/reviews/token-review.ts'
import { invalid } from '../../shared/errors.ts'
import { publicJwk, type SigningKey } from '../auth/service-account/signing-key.ts'
import type { Tokens } from '../auth/tokens.ts'
import { createToken, type TokenIssuer, type TokenResources } from '../registry/account-token.ts'
import { decodeBody, writeOptionsOf } from './body.ts'
import type { Endpoint, Handler } from './exchange.ts'
import { valueAnswer } from './render.ts'
import { targetOf } from './resource-endpoints.ts'
import { reviewEndpoint, userInfoOf } from './review-endpoints.ts'

/** `serviceaccounts/token`. */
export const tokenHandler =
  (resources: TokenResources, issuer: TokenIssuer): Handler =>
  async (request) => {
    writeOptionsOf(request, 'CreateOptions')
    const { object, warnings } = await decodeBody(request, tokenRequest)
    object.spec.audiences ??= []
    const errors = tokenRequest.validate(object)
    const { group, kind } = tokenRequest
    const target = targetOf(request)
    if (errors.length > 0) throw invalid({ group, resource: kind, name: target.name }, errors)
    const { identity } = request
    const { spec, status } = await createToken(resources, target, { request: object, identity, issuer })
    const metadata = { ...object.metadata, ...target, creationTimestamp: object.metadata.creationTimestamp ?? null }
    return valueAnswer(request, { ...object, metadata, spec, status }, { status: 201, warnings })
  }

async function reviewToken(tokens: Tokens, { spec: { token = '', audiences = [] } }: TokenReview) {
  const found = await tokens.review(token, audiences)
  if (found === undefined) return { authenticated: false, user: {}, error: 'the token is not valid' }
  return { authenticated: true, user: userInfoOf(found.identity), audiences: [...found.audiences] }
}

/** The token itself is not sent back. */
export const tokenReviewEndpoint = (tokens: Tokens): Endpoint =>
  reviewEndpoint(tokenReview, (review) => reviewToken(tokens, review))

const KEY_SET_PATH = '/openid/v1/jwks'

/** What verifies tokens without asking this server: OpenID Connect's discovery document and key set. */
export function openIdEndpoints({ key, issuer, url }: { key: SigningKey; issuer: string; url(): string }): Endpoint[] {
  const headers = { 'cache-control': 'public, max-age=3600' }
  return [
    {
      path: '/.well-known/openid-configuration',
      handlers: {
        GET: () => ({
          status: 200,
          contentType: 'application/json',
          headers,
          body: JSON.stringify({
            issuer,
            jwks_uri: `${url()}${KEY_SET_PATH}`,
            response_types_supported: ['id_token'],
            subject_types_supported: ['public'],
            id_token_signing_alg_values_supported: [key.algorithm],
          }),
        }),
      },
    },
    {
      path: KEY_SET_PATH,
      handlers: {
        GET: () => ({
          status: 200,
          contentType: 'application/jwk-set+json',
          headers,
          body: JSON.stringify({ keys: [publicJwk(key)] }),
        }),
      },
    },
  ]
}
