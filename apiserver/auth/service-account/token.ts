/** Tokens of service accounts: JSON Web Tokens, signed and verified by jose, with Kubernetes' claims. */
import type { JWTPayload } from 'jose'
import type { Clock } from '../../../shared/clock.ts'
import type { SigningKey } from './signing-key.ts'

/** Something that a token lives and dies with. */
export interface BoundReference {
  name: string
  uid: string
}

/** What a token says beside the registered claims. */
export interface AccountClaims {
  namespace: string
  serviceaccount: BoundReference
  pod?: BoundReference
  secret?: BoundReference
  node?: BoundReference
}

/** What a valid token says. */
export interface VerifiedToken {
  /** Names the token in logs: it cannot be used as one. */
  id: string
  audiences: readonly string[]
  expiresMs: number
  notBeforeMs: number
  account: AccountClaims
}

export interface TokenSigner {
  /** Signs a token; audiences are not empty. */
  sign(request: {
    id: string
    account: AccountClaims
    audiences: readonly string[]
    expiresMs: number
  }): Promise<string>
  /** What a token says whose signature and issuer are right; undefined for any other. Its time is the caller's to check. */
  verify(token: string): Promise<VerifiedToken | undefined>
}

const CLAIM = 'kubernetes.io'
const USER_PREFIX = 'system:serviceaccount:'
/** Longer texts are no token of ours: they are not looked at. */
const TOKEN_CHARACTERS_MAX = 16 * 1024
const SHAPE = /^[\w-]+\.[\w-]+\.[\w-]+$/

const isReference = (value: unknown): value is BoundReference =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as BoundReference).name === 'string' &&
  typeof (value as BoundReference).uid === 'string'

function readPayload({ jti, aud, exp, nbf, sub, [CLAIM]: claim }: JWTPayload): VerifiedToken | undefined {
  const account = claim as Partial<AccountClaims> | undefined
  const { namespace, serviceaccount, pod, secret, node } = account ?? {}
  if (typeof namespace !== 'string' || !isReference(serviceaccount)) return undefined
  if (sub !== `${USER_PREFIX}${namespace}:${serviceaccount.name}` || exp === undefined || nbf === undefined)
    return undefined
  if ([pod, secret, node].some((reference) => reference !== undefined && !isReference(reference))) return undefined
  return {
    id: jti ?? '',
    audiences: [aud ?? []].flat(),
    expiresMs: exp * 1000,
    notBeforeMs: nbf * 1000,
    account: account as AccountClaims,
  }
}

const seconds = (ms: number) => Math.floor(ms / 1000)

export function createTokenSigner({
  key,
  issuer,
  clock,
}: {
  key: SigningKey
  issuer: string
  clock: Clock
}): TokenSigner {
  const { id: kid, algorithm: alg, privateKey, publicKey } = key
  return {
    async sign({ id, account, audiences, expiresMs }) {
      // Loaded when the first token is asked for.
      const { SignJWT } = await import('jose/jwt/sign')
      const now = seconds(clock.nowMs())
      return new SignJWT({ [CLAIM]: account })
        .setProtectedHeader({ alg, kid })
        .setIssuer(issuer)
        .setSubject(`${USER_PREFIX}${account.namespace}:${account.serviceaccount.name}`)
        .setAudience([...audiences])
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(seconds(expiresMs))
        .setJti(id)
        .sign(privateKey)
    },
    async verify(token) {
      if (token.length > TOKEN_CHARACTERS_MAX || !SHAPE.test(token)) return undefined
      const [{ jwtVerify }, { JOSEError }] = await Promise.all([import('jose/jwt/verify'), import('jose/errors')])
      try {
        // One algorithm alone: a token cannot choose how it is verified.
        const options = { algorithms: [alg], issuer, currentDate: new Date(clock.nowMs()) }
        const { payload } = await jwtVerify(token, publicKey, options)
        return readPayload(payload)
      } catch (error) {
        if (error instanceof JOSEError) return undefined
        throw error
      }
    },
  }
}
