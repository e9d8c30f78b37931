/** Whether what a token is bound to still exists, and whose it is. Pure. */
import type { ObjectMeta } from '../../../shared/api/meta.ts'
import type { Identity } from '../identity.ts'
import { accountGroups, accountUser } from './account-name.ts'
import type { AccountClaims, BoundReference, VerifiedToken } from './token.ts'

type Found = { metadata: ObjectMeta } | undefined

/** Where tokens' objects are looked up. */
export interface TokenWorld {
  serviceAccount(namespace: string, name: string): Found
  pod(namespace: string, name: string): Found
  secret(namespace: string, name: string): Found
  node(name: string): Found
}

/** How long a token still works for what is being deleted: a pod says goodbye with it. */
const DELETION_LEEWAY_MS = 60_000
/** How far the clocks of issuer and verifier may be apart. */
const SKEW_MS = 60_000

function lives(found: Found, { uid }: BoundReference, nowMs: number): boolean {
  if (found === undefined || found.metadata.uid !== uid) return false
  const { deletionTimestamp } = found.metadata
  return deletionTimestamp === undefined || Date.parse(deletionTimestamp) + DELETION_LEEWAY_MS > nowMs
}

function isBoundToLiving(
  { namespace, serviceaccount, pod, secret, node }: AccountClaims,
  world: TokenWorld,
  nowMs: number,
) {
  if (!lives(world.serviceAccount(namespace, serviceaccount.name), serviceaccount, nowMs)) return false
  if (pod !== undefined && !lives(world.pod(namespace, pod.name), pod, nowMs)) return false
  if (secret !== undefined && !lives(world.secret(namespace, secret.name), secret, nowMs)) return false
  // The node of a pod's token is told, not asked: the pod may outlive the node's object for a while.
  return node === undefined || pod !== undefined || lives(world.node(node.name), node, nowMs)
}

/** Whether a token is good now. */
export const isCurrent = (
  { expiresMs, notBeforeMs, account }: VerifiedToken,
  world: TokenWorld,
  nowMs: number,
): boolean => nowMs < expiresMs && nowMs + SKEW_MS >= notBeforeMs && isBoundToLiving(account, world, nowMs)

/** The audiences of `wanted` that a token is meant for. */
export const audiencesOf = ({ audiences }: VerifiedToken, wanted: readonly string[]): string[] =>
  wanted.filter((audience) => audiences.includes(audience))

const AUTHENTICATION = 'authentication.kubernetes.io'

/** Who the bearer of a token is. */
export function identityOf({ id, account }: VerifiedToken): Identity {
  const { namespace, serviceaccount, pod, node } = account
  const facts = (name: string, reference: BoundReference | undefined) =>
    reference === undefined
      ? []
      : [
          [`${AUTHENTICATION}/${name}-name`, [reference.name]],
          [`${AUTHENTICATION}/${name}-uid`, [reference.uid]],
        ]
  return {
    user: accountUser({ namespace, name: serviceaccount.name }),
    uid: serviceaccount.uid,
    groups: accountGroups(namespace),
    extra: Object.fromEntries([
      [`${AUTHENTICATION}/credential-id`, [`JTI=${id}`]],
      ...facts('pod', pod),
      ...facts('node', node),
    ]),
  }
}
