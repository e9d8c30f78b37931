/** Which routes lead to the pods of the other nodes (upstream's route controller and `host-gw` networks). Pure. */
import type { Node } from '../../shared/api/node/node.ts'
import { type AddressRange, parseCidr } from '../../shared/cidr.ts'

/** Where packets for a range of pods go. */
export interface Route {
  podCidr: string
  /** The address of the node that has the range. */
  via: string
}

export interface RoutePlan {
  add: readonly Route[]
  remove: readonly Route[]
}

/** Nodes of one machine reach each other's pods through the machine itself. */
const isElsewhere = (address: string) => !address.startsWith('127.')

function routeTo({ spec, status }: Node): Route[] {
  const via = status.addresses?.find(({ type }) => type === 'InternalIP')?.address
  return spec.podCIDR === undefined || via === undefined || !isElsewhere(via) ? [] : [{ podCidr: spec.podCIDR, via }]
}

const overlap = (one: AddressRange, other: AddressRange) =>
  one.first < other.first + other.size && other.first < one.first + one.size

/**
 * A node says itself which range it has. One that holds this node's pods, or a node itself, is none of pods: with a route
 * there a node would draw the traffic of others to itself, and cut this machine off.
 */
function isForPods({ podCidr }: Route, taken: readonly AddressRange[]): boolean {
  const range = parseCidr(podCidr)
  return range !== undefined && !taken.some((other) => overlap(range, other))
}

const isSame = (one: Route, other: Route) => one.podCidr === other.podCidr && one.via === other.via

/** What is missing of the routes to all other nodes, and what leads to nodes that are gone. */
export function planRoutes(
  { nodes, present }: { nodes: readonly Node[]; present: readonly Route[] },
  own: { name: string; ip: string; podCidr: string },
): RoutePlan {
  const others = nodes.filter(({ metadata }) => metadata.name !== own.name).flatMap(routeTo)
  const addresses = [own.ip, ...others.map(({ via }) => via)]
  // No range is smaller than four addresses: it has all of them or none.
  const taken = [own.podCidr, ...addresses.map((ip) => `${ip}/30`)].flatMap((cidr) => parseCidr(cidr) ?? [])
  const wanted = others.filter((route) => route.via !== own.ip && isForPods(route, taken))
  return {
    add: wanted.filter((route) => !present.some((known) => isSame(known, route))),
    remove: present.filter((known) => !wanted.some(({ podCidr }) => podCidr === known.podCidr)),
  }
}
