/** Bearer tokens by which machines join: Secrets of `kube-system` that say who may come in with what. */
import { timingSafeEqual } from 'node:crypto'
import type { Secret } from '../../shared/api/secret.ts'
import { authenticated, type Identity } from './identity.ts'

const TOKEN = /^([a-z0-9]{6})\.([a-z0-9]{16})$/
const TYPE = 'bootstrap.kubernetes.io/token'
const GROUP = 'system:bootstrappers'
const EXTRA_GROUP = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/

export interface BootstrapTokens {
  /** The secret of that name in `kube-system`. */
  secret(name: string): Readonly<Secret> | undefined
  nowMs(): number
}

const isSame = (a: string, b: string) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))

/** Who comes in with a bootstrap token; undefined where it is none, or is good no longer. */
export function bootstrapIdentity(token: string, { secret: find, nowMs }: BootstrapTokens): Identity | undefined {
  const [, id, proof] = TOKEN.exec(token) ?? []
  if (id === undefined || proof === undefined) return undefined
  const secret = find(`bootstrap-token-${id}`)
  if (secret?.type !== TYPE || secret.metadata.deletionTimestamp !== undefined) return undefined
  const entry = (key: string) => Buffer.from(secret.data?.[key] ?? '', 'base64').toString()
  if (entry('token-id') !== id || !isSame(entry('token-secret'), proof)) return undefined
  const expiration = entry('expiration')
  if (expiration !== '' && !(Date.parse(expiration) > nowMs())) return undefined
  if (entry('usage-bootstrap-authentication') !== 'true') return undefined
  const extra = entry('auth-extra-groups').split(',').filter(Boolean)
  if (!extra.every((group) => EXTRA_GROUP.test(group))) return undefined
  return authenticated({ user: `system:bootstrap:${id}`, groups: [GROUP, ...extra] })
}
