/** Decides where a pod goes. Pure: the same pod and cluster give the same decision. */
import type { Cluster, NodeFilter, NodeInfo, NodeRejection, PodInfo } from './framework.ts'
import { summary } from './messages.ts'
import { filters, postFilter, scores } from './plugins.ts'

/** So many possible nodes are enough in any case, and in a cluster of fewer nodes all are looked at. */
const FEASIBLE_MIN = 100
const PERCENTAGE_MIN = 5

export interface CycleOptions {
  /** Position of the node to begin with, so that in turn all nodes are looked at. Default: 0. */
  startAt?: number
  /** Share of the nodes that is enough to choose from. Default, and 0: the smaller the more nodes there are. */
  percentageOfNodesToScore?: number
}

export interface Decision {
  /** The node to bind the pod to; undefined where none is possible. */
  readonly nodeName: string | undefined
  /** How many nodes there are. */
  readonly nodeCount: number
  /** How many were looked at before there were enough to choose from. */
  readonly examined: number
  /** How many of these are possible. */
  readonly feasible: number
  /** Why the others are not; those that were not worth a look are missing. */
  readonly rejections: readonly NodeRejection[]
  /** Nodes that were not worth a look, and the filter that says so. */
  readonly outside: { readonly count: number; readonly filter: string } | undefined
  /** What makes the pod impossible wherever it be. */
  readonly contradiction: string | undefined
}

/** How many possible nodes are enough among so many (upstream's `numFeasibleNodesToFind`). */
export function feasibleWanted(nodeCount: number, percentage = 0): number {
  if (nodeCount < FEASIBLE_MIN) return nodeCount
  const share = percentage === 0 ? Math.max(PERCENTAGE_MIN, 50 - Math.floor(nodeCount / 125)) : percentage
  return Math.max(FEASIBLE_MIN, Math.floor((nodeCount * share) / 100))
}

interface PreparedFilter {
  readonly name: string
  readonly judge: NodeFilter
}

/** The filters that have something to say about a pod. */
function prepareFilters(pod: PodInfo, cluster: Cluster): PreparedFilter[] {
  const prepared: PreparedFilter[] = []
  for (const { name, prepare } of filters) {
    const judge = prepare(pod, cluster)
    if (judge !== undefined) prepared.push({ name, judge })
  }
  return prepared
}

/** The first filter's answer; undefined where the node will do. */
function judge(prepared: readonly PreparedFilter[], node: NodeInfo): NodeRejection | undefined {
  for (const { name, judge } of prepared) {
    const rejection = judge(node)
    if (rejection !== undefined) return { nodeName: node.name, filter: name, rejection }
  }
  return undefined
}

interface Restriction {
  readonly filter: string
  readonly names: ReadonlySet<string>
  readonly contradiction: string | undefined
}

/** The filter that leaves some nodes only, by their names. */
function restrictionOf(pod: PodInfo): Restriction | undefined {
  for (const { name, only, contradiction } of filters) {
    const names = only?.(pod)
    if (names !== undefined) return { filter: name, names, contradiction: names.size === 0 ? contradiction : undefined }
  }
  return undefined
}

function candidatesOf(cluster: Cluster, restriction: Restriction | undefined): readonly NodeInfo[] {
  if (restriction === undefined) return cluster.nodes
  return [...restriction.names].map((name) => cluster.node(name)).filter((node) => node !== undefined)
}

/** The sums of the nodes' weighted scores. */
function scoreNodes(pod: PodInfo, nodes: readonly NodeInfo[], cluster: Cluster): number[] {
  const totals = nodes.map(() => 0)
  for (const { weight, score } of scores) {
    const values = score(pod, nodes, cluster)
    if (values === undefined) continue
    for (let index = 0; index < totals.length; index++) totals[index]! += weight * values[index]!
  }
  return totals
}

/** Among equally good nodes the one with fewest pods, then the first. Upstream draws lots; this can be told again. */
function bestOf(pod: PodInfo, nodes: readonly NodeInfo[], cluster: Cluster): NodeInfo | undefined {
  if (nodes.length <= 1) return nodes[0]
  const totals = scoreNodes(pod, nodes, cluster)
  let best = 0
  for (let index = 1; index < totals.length; index++) {
    const ahead = totals[index]! - totals[best]!
    if (ahead > 0 || (ahead === 0 && nodes[index]!.podCount < nodes[best]!.podCount)) best = index
  }
  return nodes[best]
}

/** Filters until there are enough possible nodes, then scores these. */
export function decide(pod: PodInfo, cluster: Cluster, options: CycleOptions = {}): Decision {
  const { startAt = 0, percentageOfNodesToScore } = options
  const nodeCount = cluster.nodes.length
  const restriction = restrictionOf(pod)
  const candidates = candidatesOf(cluster, restriction)
  const prepared = candidates.length === 0 ? [] : prepareFilters(pod, cluster)
  const wanted = feasibleWanted(candidates.length, percentageOfNodesToScore)
  const feasible: NodeInfo[] = []
  const rejections: NodeRejection[] = []
  let examined = 0
  while (examined < candidates.length && feasible.length < wanted) {
    const node = candidates[(startAt + examined) % candidates.length]!
    const rejection = judge(prepared, node)
    if (rejection === undefined) feasible.push(node)
    else rejections.push(rejection)
    examined++
  }
  return {
    nodeName: bestOf(pod, feasible, cluster)?.name,
    nodeCount,
    examined,
    feasible: feasible.length,
    rejections,
    outside: restriction && { count: nodeCount - candidates.length, filter: restriction.filter },
    contradiction: restriction?.contradiction,
  }
}

const NO_NODES = 'no nodes available to schedule pods'

/** What a decision that found no node says of the nodes, by how many. */
function reasonsOf({ rejections, outside }: Decision): Map<string, number> {
  const counts = new Map<string, number>()
  const add = (reason: string, count: number) => counts.set(reason, (counts.get(reason) ?? 0) + count)
  for (const { rejection } of rejections) for (const reason of rejection.reasons) add(reason, 1)
  if (outside !== undefined) add(`node(s) didn't satisfy plugin(s) [${outside.filter}]`, outside.count)
  return counts
}

/** The message of a FailedScheduling event and of the PodScheduled condition, for a decision that found no node. */
export function explainRejection(pod: PodInfo, decision: Decision): string {
  const { nodeCount, contradiction, rejections } = decision
  if (nodeCount === 0) return NO_NODES
  const why =
    contradiction === undefined
      ? summary(nodeCount, reasonsOf(decision))
      : `0/${nodeCount} nodes are available: ${contradiction}.`
  return `${why} ${postFilter.explain(pod, nodeCount, rejections)}`
}
