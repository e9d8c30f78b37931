/** Which routes lead to the pods of the other nodes (upstream's route controller and `host-gw` networks). Pure. */
import type { Node } from '../../shared/api/node/node.ts'

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

const isSame = (one: Route, other: Route) => one.podCidr === other.podCidr && one.via === other.via

/** What is missing of the routes to all other nodes, and what leads to nodes that are gone. */
export function planRoutes(
  { nodes, present }: { nodes: readonly Node[]; present: readonly Route[] },
  own: { name: string; ip: string },
): RoutePlan {
  const others = nodes.filter(({ metadata }) => metadata.name !== own.name)
  const wanted = others.flatMap(routeTo).filter(({ via }) => via !== own.ip)
  return {
    add: wanted.filter((route) => !present.some((known) => isSame(known, route))),
    remove: present.filter((known) => !wanted.some(({ podCidr }) => podCidr === known.podCidr)),
  }
}
