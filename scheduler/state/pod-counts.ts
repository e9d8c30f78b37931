/**
 * How many pods of a kind are where. A count is worked out when it is first asked for and follows every change from then
 * on, so that neither affinity nor spreading looks through all pods in a cycle.
 */
import type { CountByValue, NodeInfo, NodeSet, PodInfo } from '../framework.ts'
import type { PodQuery } from '../pod-terms.ts'
import { count, type Tally } from './tally.ts'

/** Counts that are kept; beyond it the one that was not asked for the longest is dropped, and made anew when needed. */
const COUNTERS_MAX = 2_000

interface Counter {
  query: PodQuery
  /** What is counted by; undefined: the node does not count. */
  placeOf: PlaceOf
  byValue: Tally
}

type PlaceOf = (node: NodeInfo) => string | undefined

/** The pods of one namespace, or of one controller, with their nodes. */
interface Group {
  pods: Map<PodInfo, NodeInfo>
  counters: Set<Counter>
}

export interface PodCounts {
  /** A pod is on a node, whose labels and taints stay as they are for as long as it is. */
  add(pod: PodInfo, node: NodeInfo): void
  remove(pod: PodInfo, node: NodeInfo): void
  /** By the values of a label, on some of the nodes or all. The result changes with the pods; it must not be kept. */
  count(query: PodQuery, topologyKey: string, among?: NodeSet): CountByValue
}

const namespaceGroup = (name: string) => `namespace ${name}`
const controllerGroup = (uid: string) => `controller ${uid}`

const groupsOf = ({ namespace, controllerUid }: PodInfo): string[] =>
  controllerUid === undefined
    ? [namespaceGroup(namespace)]
    : [namespaceGroup(namespace), controllerGroup(controllerUid)]

const groupsWithin = ({ within }: PodQuery): string[] =>
  'namespaces' in within ? [...within.namespaces].map(namespaceGroup) : [controllerGroup(within.controllerUid)]

export function createPodCounts(): PodCounts {
  const groups = new Map<string, Group>()
  /** The longest unused first. */
  const counters = new Map<string, Counter>()

  function groupOf(name: string): Group {
    const known = groups.get(name)
    if (known !== undefined) return known
    const group: Group = { pods: new Map(), counters: new Set() }
    groups.set(name, group)
    return group
  }

  function dropIfEmpty(name: string): void {
    const group = groups.get(name)
    if (group?.pods.size === 0 && group.counters.size === 0) groups.delete(name)
  }

  function change(pod: PodInfo, group: Group, node: NodeInfo, by: 1 | -1): void {
    for (const { query, placeOf, byValue } of group.counters) {
      if (query.matches(pod)) count(byValue, placeOf(node), by)
    }
  }

  function create(query: PodQuery, placeOf: PlaceOf): Counter {
    const counter: Counter = { query, placeOf, byValue: new Map() }
    for (const name of groupsWithin(query)) {
      const group = groupOf(name)
      group.counters.add(counter)
      for (const [pod, node] of group.pods) if (query.matches(pod)) count(counter.byValue, placeOf(node), 1)
    }
    return counter
  }

  function drop(id: string, counter: Counter): void {
    counters.delete(id)
    for (const name of groupsWithin(counter.query)) {
      groups.get(name)?.counters.delete(counter)
      dropIfEmpty(name)
    }
  }

  return {
    add(pod, node) {
      for (const name of groupsOf(pod)) {
        const group = groupOf(name)
        group.pods.set(pod, node)
        change(pod, group, node, 1)
      }
    },
    remove(pod, node) {
      for (const name of groupsOf(pod)) {
        const group = groupOf(name)
        group.pods.delete(pod)
        change(pod, group, node, -1)
        dropIfEmpty(name)
      }
    },
    count(query, topologyKey, among) {
      const id = `${topologyKey} ${query.id} ${among?.id}`
      const counter =
        counters.get(id) ?? create(query, (node) => (among?.has(node) === false ? undefined : node.labels[topologyKey]))
      counters.delete(id)
      counters.set(id, counter)
      const [oldest] = counters
      if (counters.size > COUNTERS_MAX && oldest !== undefined) drop(...oldest)
      return counter.byValue
    },
  }
}
