/** Which range of the cluster's pod addresses a node gets (upstream's range allocator). Pure. */
import type { Node } from '../../shared/api/node/node.ts'
import { type AddressRange, parseCidr, toAddress } from '../../shared/cidr.ts'

export interface CidrWorld {
  /** The node that has no range yet. */
  node: Node
  /** The ranges of all other nodes, those that were given out a moment ago included. */
  taken: readonly string[]
  /** All the addresses that pods of the cluster may have. */
  cluster: AddressRange
  /** Prefix length of one node's range. */
  maskSize: number
}

export type CidrPlan =
  /** The node has its range, or is going. */
  | { do: 'nothing' }
  | { do: 'assign'; podCIDR: string }
  /** No range is left for it. */
  | { do: 'refuse' }

/** The node's range: the first of the cluster's that no other node has any address of. */
export function planCidr({ node, taken, cluster, maskSize }: CidrWorld): CidrPlan {
  if (node.spec.podCIDR !== undefined || node.metadata.deletionTimestamp !== undefined) return { do: 'nothing' }
  const size = 2 ** (32 - maskSize)
  const others = taken.flatMap((cidr) => parseCidr(cidr) ?? [])
  const isFree = (first: number) =>
    others.every((range) => first + size <= range.first || range.first + range.size <= first)
  for (let first = cluster.first; first + size <= cluster.first + cluster.size; first += size) {
    if (isFree(first)) return { do: 'assign', podCIDR: `${toAddress(first)}/${maskSize}` }
  }
  return { do: 'refuse' }
}
