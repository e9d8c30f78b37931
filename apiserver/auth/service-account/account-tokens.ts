/** Authentication by service account tokens. What was verified is remembered: a signature costs more than a request. */
import type { Clock } from '../../../shared/clock.ts'
import type { Identity } from '../identity.ts'
import type { TokenSigner, VerifiedToken } from './token.ts'
import { audiencesOf, identityOf, isCurrent, type TokenWorld } from './token-check.ts'

/** Tokens that are remembered. When there are more, those that came first are forgotten. */
const KNOWN_MAX = 4096

interface KnownToken {
  verified: VerifiedToken
  identity: Identity
}

/** Who a token says that its bearer is, and to whom it may be shown. */
export interface TokenIdentity {
  identity: Identity
  /** Of those that were asked about. */
  audiences: readonly string[]
}

type Answer = TokenIdentity | undefined

/** Finds out whose a token is, for one of some audiences; at once where the token is known already. */
export type AccountTokens = (token: string, audiences: readonly string[]) => Answer | Promise<Answer>

export function createAccountTokens({
  signer,
  world,
  clock,
}: {
  signer: Pick<TokenSigner, 'verify'>
  world: TokenWorld
  clock: Clock
}): AccountTokens {
  const known = new Map<string, KnownToken>()
  const judge = ({ verified, identity }: KnownToken, audiences: readonly string[]): Answer => {
    const shared = audiencesOf(verified, audiences)
    return shared.length > 0 && isCurrent(verified, world, clock.nowMs()) ? { identity, audiences: shared } : undefined
  }
  const verify = async (token: string, audiences: readonly string[]): Promise<Answer> => {
    const verified = await signer.verify(token)
    if (verified === undefined) return undefined
    const entry = { verified, identity: identityOf(verified) }
    const answer = judge(entry, audiences)
    if (answer === undefined) return undefined
    if (known.size >= KNOWN_MAX) known.delete(known.keys().next().value!)
    known.set(token, entry)
    return answer
  }
  return (token, audiences) => {
    const entry = known.get(token)
    if (entry === undefined) return verify(token, audiences)
    if (clock.nowMs() >= entry.verified.expiresMs) known.delete(token)
    return judge(entry, audiences)
  }
}
