/** All kinds of bearer tokens, in upstream's order. */
import type { Identity } from './identity.ts'
import type { AccountTokens, TokenIdentity } from './service-account/account-tokens.ts'

export interface TokensOptions {
  /** Of the token file. */
  fromFile(token: string): Identity | undefined
  /** Of machines that join. */
  bootstrap(token: string): Identity | undefined
  accounts: AccountTokens
  /** Whom a token must be meant for to be let in here. */
  audiences: readonly string[]
}

export interface Tokens {
  /** Whose a token is that was shown to this server. */
  identify(token: string): Identity | undefined | Promise<Identity | undefined>
  /** Whose a token is that was shown to somebody else: a TokenReview. */
  review(token: string, audiences: readonly string[]): Promise<TokenIdentity | undefined>
}

export function createTokens({ fromFile, bootstrap, accounts, audiences }: TokensOptions): Tokens {
  const simple = (token: string) => fromFile(token) ?? bootstrap(token)
  return {
    identify(token) {
      const identity = simple(token)
      if (identity !== undefined) return identity
      const found = accounts(token, audiences)
      return found instanceof Promise ? found.then((answer) => answer?.identity) : found?.identity
    },
    async review(token, asked) {
      const wanted = asked.length === 0 ? audiences : asked
      const identity = simple(token)
      if (identity === undefined) return accounts(token, wanted)
      // These know no audiences: they are meant for this server.
      const shared = wanted.filter((audience) => audiences.includes(audience))
      return shared.length === 0 ? undefined : { identity, audiences: shared }
    },
  }
}
