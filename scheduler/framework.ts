/** The terms of scheduling: what a cycle sees of pods, nodes and the cluster, and what its plugins are. */
import type { Node } from '../shared/api/node/node-model.ts'
import type { Taint } from '../shared/api/node/node-spec.ts'
import type { Pod } from '../shared/api/pod/pod-model.ts'
import type { Labels } from '../shared/labels.ts'
import type { NodeMatcher } from '../shared/scheduling/node-selector.ts'
import type { Amounts, HostPort } from '../shared/scheduling/pod-requests.ts'
import type { PodQuery, PodTerm, WeightedTerm } from './pod-terms.ts'
import type { SpreadConstraint } from './spread-constraints.ts'

/** A pod with what the plugins ask about it, worked out once. */
export interface PodInfo {
  readonly pod: Pod
  readonly uid: string
  readonly namespace: string
  readonly labels: Labels
  readonly priority: number
  /** Whether it is being deleted: it still takes room, but is no longer counted where pods are spread. */
  readonly isLeaving: boolean
  /** What a node must have free. */
  readonly requests: Amounts
  /** CPU and memory of that. */
  readonly share: Load
  /** CPU and memory it counts for when nodes are compared. */
  readonly load: Load
  readonly hostPorts: readonly HostPort[]
  /** The nodes that its node selector and required node affinity leave. Undefined: all. */
  readonly selects: NodeMatcher | undefined
  /** The only nodes that its required affinity leaves, where that names nodes. */
  readonly requiredNames: ReadonlySet<string> | undefined
  /** UID of its managing controller. */
  readonly controllerUid: string | undefined
  /** Pods near which it must be, away from which it must be, and where it would rather be or not. */
  readonly near: readonly PodTerm[]
  readonly away: readonly PodTerm[]
  readonly preferred: readonly WeightedTerm[]
  readonly spread: readonly SpreadConstraint[]
  /** Its images, by the names under which nodes have them. */
  readonly images: readonly string[]
}

/** CPU in millicores, memory in bytes. */
export interface Load {
  readonly cpu: number
  readonly memory: number
}

/** A node and all that its pods take of it, assumed pods included. */
export interface NodeInfo {
  readonly name: string
  readonly node: Node
  readonly labels: Labels
  readonly taints: readonly Taint[]
  /** `kubectl cordon`. */
  readonly isUnschedulable: boolean
  readonly allocatable: Amounts
  readonly requested: Amounts
  /** CPU and memory of `allocatable` and `requested`, which every cycle compares. */
  readonly capacity: Load
  readonly taken: Load
  /** What its pods count for when nodes are compared. */
  readonly load: Load
  readonly podCount: number
  readonly hostPorts: readonly HostPort[]
  /** Size in bytes of each image that it has, by all its names. */
  readonly images: ReadonlyMap<string, number>
}

/** Pods by the value that the label of a topology has on their nodes. */
export type CountByValue = ReadonlyMap<string, number>

/** Some of the nodes, by what does not change while a node is as it is: its name, labels and taints. */
export interface NodeSet {
  /** The same for sets of the same nodes. */
  readonly id: string
  has(node: NodeInfo): boolean
}

/** A term of pods that are on nodes, and on how many of them, by the value of the term's topology. */
export interface StandingTerm {
  readonly term: PodTerm
  /** How much it counts in scoring; negative where pods are kept away. */
  readonly weight: number
  readonly byValue: CountByValue
}

/** The cluster as one cycle sees it: nothing of it changes while the cycle runs. */
export interface Cluster {
  /** All nodes, those of different zones in turn. */
  readonly nodes: readonly NodeInfo[]
  node(name: string): NodeInfo | undefined
  /** How many of the pods that a query finds are where, by the values of a label of their nodes. */
  countPods(query: PodQuery, topologyKey: string, among?: NodeSet): CountByValue
  /** How many nodes there are for each value of a label. */
  countNodes(labelKey: string, among?: NodeSet): CountByValue
  /** What pods that are on nodes must be away from. */
  readonly standingAway: Iterable<StandingTerm>
  /** What pods that are on nodes would rather be near to or away from; what they must be near to counts as well. */
  readonly standingPreferences: Iterable<StandingTerm>
  namespaceLabels(name: string): Labels
  /** The names of all namespaces. */
  readonly namespaces: Iterable<string>
  /** How many nodes have an image. */
  nodesWithImage(name: string): number
}

/** Why a node is not for a pod. */
export interface Rejection {
  /** In upstream's words: `Insufficient cpu`, `node(s) were unschedulable`. */
  readonly reasons: readonly string[]
  /** Whether the node would do with fewer pods on it. */
  readonly resolvable: boolean
}

/** What of a node has changed. */
export type NodeChange = 'added' | 'allocatable' | 'labels' | 'taints' | 'unschedulable'

/** Which events can help a pod that a filter has rejected (upstream's queueing hints). What is absent never helps. */
export interface Hints {
  /** Changes of a node that can help, where the filter lets that node pass afterwards. */
  readonly node?: readonly NodeChange[]
  /** Changes of a node that can help elsewhere as well. */
  readonly anyNode?: readonly NodeChange[]
  /** A pod is on a node from now on. */
  placed?(pod: PodInfo, placed: PodInfo, cluster: Cluster): boolean
  /** A pod is gone from a node, or asks for less of it. */
  gone?(pod: PodInfo, gone: PodInfo, node: NodeInfo, cluster: Cluster): boolean
  /** Whether it can help that the labels of a namespace changed. */
  readonly namespace?: boolean
}

/** Judges one node for the pod that it was made for; undefined: the node will do. */
export type NodeFilter = (node: NodeInfo) => Rejection | undefined

/** Says which nodes are possible. Pure. */
export interface Filter {
  readonly name: string
  /** The only nodes worth a look (upstream's PreFilterResult). Undefined: all. */
  only?(pod: PodInfo): ReadonlySet<string> | undefined
  /** What is said where that leaves none at all. */
  readonly contradiction?: string
  /** Works out once what is the same for all nodes (upstream's PreFilter). Undefined: the pod does not care. */
  prepare(pod: PodInfo, cluster: Cluster): NodeFilter | undefined
  readonly hints: Hints
}

/** Why one node is not for the pod, and who says so. */
export interface NodeRejection {
  readonly nodeName: string
  readonly filter: string
  readonly rejection: Rejection
}

/** Acts where no node will do. Pure. */
export interface PostFilter {
  readonly name: string
  /** What it says of it, as the end of the FailedScheduling message. */
  explain(pod: PodInfo, nodeCount: number, rejections: readonly NodeRejection[]): string
}

export const SCORE_MAX = 100

/** Says how good each possible node is. Pure. */
export interface Score {
  readonly name: string
  /** How much the plugin counts against the others. */
  readonly weight: number
  /**
   * One score for each node, in their order: a whole number from 0 to SCORE_MAX (upstream's PreScore, Score and
   * NormalizeScore). Undefined: the pod does not care.
   */
  score(pod: PodInfo, nodes: readonly NodeInfo[], cluster: Cluster): readonly number[] | undefined
}
