/** How many nodes there are for each value of a label, and how many have an image; followed as nodes change. */
import type { CountByValue, NodeInfo, NodeSet } from '../framework.ts'
import { count, type Tally } from './tally.ts'

/** Counts that are kept; beyond it the one that was not asked for the longest is dropped. */
const COUNTERS_MAX = 200

interface Counter {
  key: string
  among: NodeSet | undefined
  byValue: Tally
}

export interface NodeCounts {
  add(node: NodeInfo): void
  /** `node` as it was when it was added. */
  remove(node: NodeInfo): void
  /** By the values of a label, of some of the nodes or all. */
  byLabel(key: string, among?: NodeSet): CountByValue
  withImage(name: string): number
}

function change({ key, among, byValue }: Counter, node: NodeInfo, by: 1 | -1): void {
  if (among?.has(node) !== false) count(byValue, node.labels[key], by)
}

/** `nodes` gives all that there are. */
export function createNodeCounts(nodes: () => Iterable<NodeInfo>): NodeCounts {
  /** The longest unused first. */
  const counters = new Map<string, Counter>()
  const images: Tally = new Map()

  function changeAll(node: NodeInfo, by: 1 | -1): void {
    for (const counter of counters.values()) change(counter, node, by)
    for (const name of node.images.keys()) count(images, name, by)
  }

  function create(key: string, among: NodeSet | undefined): Counter {
    const counter: Counter = { key, among, byValue: new Map() }
    for (const node of nodes()) change(counter, node, 1)
    return counter
  }

  return {
    add: (node) => changeAll(node, 1),
    remove: (node) => changeAll(node, -1),
    byLabel(key, among) {
      const id = `${key} ${among?.id}`
      const counter = counters.get(id) ?? create(key, among)
      counters.delete(id)
      counters.set(id, counter)
      const [oldest] = counters.keys()
      if (counters.size > COUNTERS_MAX && oldest !== undefined) counters.delete(oldest)
      return counter.byValue
    },
    withImage: (name) => images.get(name) ?? 0,
  }
}
