/** How many nodes there are for each value of a label, and how many have an image; followed as nodes change. */
import type { Labels } from '../../shared/labels.ts'
import type { CountByValue, NodeInfo } from '../framework.ts'
import { count, type Tally } from './tally.ts'

/** Labels that are counted at once; beyond it the one that was not asked for the longest is dropped. */
const LABELS_MAX = 100

interface Counted {
  total: number
  byValue: Tally
}

export interface NodeCounts {
  add(node: NodeInfo): void
  /** `node` as it was when it was added. */
  remove(node: NodeInfo): void
  byLabel(key: string): { readonly total: number; readonly byValue: CountByValue }
  withImage(name: string): number
}

/** `nodes` gives all that there are. */
export function createNodeCounts(nodes: () => Iterable<NodeInfo>): NodeCounts {
  /** The longest unused first. */
  const labels = new Map<string, Counted>()
  const images: Tally = new Map()

  function changeLabel(counted: Counted, key: string, nodeLabels: Labels, by: 1 | -1): void {
    const value = nodeLabels[key]
    if (value === undefined) return
    counted.total += by
    count(counted.byValue, value, by)
  }

  function change(node: NodeInfo, by: 1 | -1): void {
    for (const [key, counted] of labels) changeLabel(counted, key, node.labels, by)
    for (const name of node.images.keys()) count(images, name, by)
  }

  function create(key: string): Counted {
    const counted: Counted = { total: 0, byValue: new Map() }
    for (const node of nodes()) changeLabel(counted, key, node.labels, 1)
    return counted
  }

  return {
    add: (node) => change(node, 1),
    remove: (node) => change(node, -1),
    byLabel(key) {
      const counted = labels.get(key) ?? create(key)
      labels.delete(key)
      labels.set(key, counted)
      const [oldest] = labels.keys()
      if (labels.size > LABELS_MAX && oldest !== undefined) labels.delete(oldest)
      return counted
    },
    withImage: (name) => images.get(name) ?? 0,
  }
}
