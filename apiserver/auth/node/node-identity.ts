import type { Identity } from '../identity.ts'

export const NODES_GROUP = 'system:nodes'
export const NODE_USER_PREFIX = 'system:node:'

/** The node whose kubelet someone is; undefined for everybody else. */
export function nodeNameOf({ user, groups }: Identity): string | undefined {
  if (!user.startsWith(NODE_USER_PREFIX) || !groups.includes(NODES_GROUP)) return undefined
  return user.slice(NODE_USER_PREFIX.length)
}
