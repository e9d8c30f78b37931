/** Tokens of service accounts for pods: asked of the API server, kept in memory only, and renewed before they expire. */
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { Client } from '../../shared/client/client.ts'
import { pathOf } from '../../shared/client/resource.ts'
import { serviceAccounts } from '../../shared/client/resources.ts'
import type { Clock } from '../../shared/clock.ts'
import { isApiError } from '../../shared/errors.ts'
import { VolumeError } from './volume-error.ts'

/** A token is renewed when this part of its life is over, and once a day whatever its life. */
const USED_PART = 0.8
const AGE_MAX_MS = 24 * 3600 * 1000
/** Renewals are spread over this time, so that the pods of a node do not all ask at once. */
const JITTER_MS = 10_000
/** Upstream's default, which the API fills in. */
const SECONDS_DEFAULT = 3600

/** What a projected volume wants. */
export interface TokenWish {
  /** Empty for the API server's own. */
  audience: string
  expirationSeconds?: number
}

export interface Token {
  token: string
  /** When a new one is to be asked for. */
  renewAtMs: number
  expiresAtMs: number
}

/** The parts of `authentication.k8s.io/v1` TokenRequest that come back. */
interface TokenAnswer {
  spec?: { expirationSeconds?: number }
  status?: { token?: string; expirationTimestamp?: string }
}

export interface TokensOptions {
  client: Pick<Client, 'request'>
  clock: Clock
  /** From 0 to 1. */
  random(): number
}

export interface ServiceAccountTokens {
  /** The pod's token for an audience, as new as it has to be. Throws a VolumeError where it cannot be had. */
  get(pod: Pod, wish: TokenWish): Promise<Token>
  /** The pod has ended. */
  release(podUid: string): void
}

export function createServiceAccountTokens({ client, clock, random }: TokensOptions): ServiceAccountTokens {
  const byPod = new Map<string, Map<string, Token>>()

  async function request(pod: Pod, { audience, expirationSeconds = SECONDS_DEFAULT }: TokenWish): Promise<Token> {
    const { name, namespace = '', uid } = pod.metadata
    const account = pod.spec.serviceAccountName || 'default'
    const path = pathOf(serviceAccounts, { namespace, name: account, subresource: 'token' })
    const answer = (await client.request('POST', path, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {
        ...(audience !== '' && { audiences: [audience] }),
        expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      },
    })) as TokenAnswer
    const { token, expirationTimestamp } = answer.status ?? {}
    if (!token || expirationTimestamp === undefined) throw new VolumeError('failed to fetch token: the answer has none')
    const expiresAtMs = Date.parse(expirationTimestamp)
    // The server may give it another life than was asked for.
    const lifeMs = (answer.spec?.expirationSeconds ?? expirationSeconds) * 1000
    const issuedAtMs = expiresAtMs - lifeMs
    const renewAtMs = issuedAtMs + Math.min(lifeMs * USED_PART, AGE_MAX_MS) - random() * JITTER_MS
    return { token, renewAtMs, expiresAtMs }
  }

  return {
    async get(pod, wish) {
      const tokens = byPod.get(pod.metadata.uid) ?? new Map<string, Token>()
      byPod.set(pod.metadata.uid, tokens)
      const key = JSON.stringify([wish.audience, wish.expirationSeconds])
      const known = tokens.get(key)
      const nowMs = clock.nowMs()
      if (known !== undefined && nowMs < known.renewAtMs) return known
      try {
        const token = await request(pod, wish)
        tokens.set(key, token)
        return token
      } catch (error) {
        if (!isApiError(error)) throw error
        if (known !== undefined && nowMs < known.expiresAtMs) return { ...known, renewAtMs: nowMs + JITTER_MS }
        throw new VolumeError(`failed to fetch token: ${error.message}`)
      }
    },
    release: (podUid) => void byPod.delete(podUid),
  }
}
