/** The terms of scheduling: what a cycle sees of pods and nodes, and what its plugins are. */
import type { Node } from '../shared/api/node/node-model.ts'
import type { Pod } from '../shared/api/pod/pod-model.ts'
import type { Amounts, HostPort } from '../shared/scheduling/pod-requests.ts'

/** A pod with what the plugins ask about it, worked out once. */
export interface PodInfo {
  readonly pod: Pod
  readonly uid: string
  readonly priority: number
  /** What a node must have free. */
  readonly requests: Amounts
  /** CPU and memory it counts for when nodes are compared. */
  readonly load: Amounts
  readonly hostPorts: readonly HostPort[]
  /** The only nodes that its required affinity leaves, where that names nodes. */
  readonly requiredNames: ReadonlySet<string> | undefined
  /** UID of its managing controller. */
  readonly controllerUid: string | undefined
}

/** A node and all that its pods take of it, assumed pods included. */
export interface NodeInfo {
  readonly name: string
  readonly node: Node
  readonly allocatable: Amounts
  readonly requested: Amounts
  readonly load: Amounts
  readonly podCount: number
  readonly hostPorts: readonly HostPort[]
  /** How many pods of a controller are on the node, by its UID. */
  readonly podsByController: ReadonlyMap<string, number>
}

/** Why a node is not for a pod. */
export interface Rejection {
  /** In upstream's words: `Insufficient cpu`, `node(s) were unschedulable`. */
  readonly reasons: readonly string[]
  /** Whether the node would do with fewer pods on it. */
  readonly resolvable: boolean
}

/** Says whether a node is possible. Pure; looks at this one node only. */
export interface Filter {
  readonly name: string
  /** Undefined: the node will do. */
  reject(pod: PodInfo, node: NodeInfo): Rejection | undefined
}

export const SCORE_MAX = 100

/** Says how good each possible node is. Pure. */
export interface Score {
  readonly name: string
  /** How much the plugin counts against the others. */
  readonly weight: number
  /** One score for each node, in their order, from 0 to SCORE_MAX. */
  score(pod: PodInfo, nodes: readonly NodeInfo[]): number[]
}
