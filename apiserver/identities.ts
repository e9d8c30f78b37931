/** How callers prove who they are: everything between the options and the authenticator. */
import type { Clock } from '../shared/clock.ts'
import { type Authenticate, createAuthenticator } from './auth/authenticate.ts'
import { bootstrapIdentity } from './auth/bootstrap-token.ts'
import { createAccountTokens } from './auth/service-account/account-tokens.ts'
import { generateSigningKey, readSigningKey, type SigningKey } from './auth/service-account/signing-key.ts'
import { createTokenSigner } from './auth/service-account/token.ts'
import { parseTokenFile } from './auth/token-file.ts'
import { createTokens, type Tokens } from './auth/tokens.ts'
import type { TokenIssuer } from './registry/account-token.ts'
import type { KnownObjects } from './registry/known-objects.ts'

export interface ServiceAccountOptions {
  /** PEM of the private key that signs tokens. Default: one that is forgotten when the server ends. */
  key?: string
  /** Default: the name by which pods know the API server. */
  issuer?: string
}

/** `--service-account-issuer` of clusters that `kubeadm` makes. */
export const DEFAULT_ISSUER = 'https://kubernetes.default.svc.cluster.local'

export interface Identities {
  authenticate: Authenticate
  tokens: Tokens
  issuer: TokenIssuer
  openId: { key: SigningKey; issuer: string }
}

/** Throws an Error where the key is no use. */
export function createIdentities(
  {
    tokens: file = '',
    serviceAccounts = {},
    clock,
  }: { tokens?: string; serviceAccounts?: ServiceAccountOptions; clock: Clock },
  known: KnownObjects,
): Identities {
  const { issuer = DEFAULT_ISSUER } = serviceAccounts
  const key = readSigningKey(serviceAccounts.key ?? generateSigningKey())
  const signer = createTokenSigner({ key, issuer, clock })
  const audiences = [issuer]
  const nowMs = () => clock.nowMs()
  const tokens = createTokens({
    fromFile: parseTokenFile(file),
    bootstrap: (token) => bootstrapIdentity(token, { secret: (name) => known.secret('kube-system', name), nowMs }),
    accounts: createAccountTokens({ signer, world: known, clock }),
    audiences,
  })
  return {
    authenticate: createAuthenticator(tokens.identify),
    tokens,
    issuer: { signer, audiences },
    openId: { key, issuer },
  }
}
