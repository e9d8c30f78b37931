/**
 * The order in which nodes are looked at: one of each zone in turn, by name within a zone. Where a cycle looks at some
 * of the nodes only, these are of all zones (upstream's `nodeTree`).
 */
import type { Labels } from '../../shared/labels.ts'

interface Named {
  readonly name: string
}

export interface NodeOrder<Node extends Named> {
  add(node: Node, zone: string): void
  remove(node: Node, zone: string): void
  readonly list: readonly Node[]
}

/** Zones of the same name in different regions are different ones. */
export const zoneOf = (labels: Labels): string =>
  `${labels['topology.kubernetes.io/region'] ?? ''} ${labels['topology.kubernetes.io/zone'] ?? ''}`

/** Where a node is, or would be. */
function positionOf(sorted: readonly Named[], name: string): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]!.name < name) low = middle + 1
    else high = middle
  }
  return low
}

function inTurn<Node>(lists: readonly (readonly Node[])[]): readonly Node[] {
  if (lists.length === 1) return [...lists[0]!]
  const longest = Math.max(0, ...lists.map(({ length }) => length))
  const all: Node[] = []
  for (let index = 0; index < longest; index++) {
    for (const list of lists) if (index < list.length) all.push(list[index]!)
  }
  return all
}

export function createNodeOrder<Node extends Named>(): NodeOrder<Node> {
  const zones = new Map<string, Node[]>()
  /** Made anew after nodes came or went. */
  let list: readonly Node[] | undefined
  return {
    add(node, zone) {
      const nodes = zones.get(zone) ?? []
      zones.set(zone, nodes)
      nodes.splice(positionOf(nodes, node.name), 0, node)
      list = undefined
    },
    remove(node, zone) {
      const nodes = zones.get(zone) ?? []
      const position = positionOf(nodes, node.name)
      if (nodes[position] === node) nodes.splice(position, 1)
      if (nodes.length === 0) zones.delete(zone)
      list = undefined
    },
    get list() {
      list ??= inTurn([...zones.keys()].sort().map((zone) => zones.get(zone)!))
      return list
    },
  }
}
