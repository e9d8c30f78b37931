/**
 * The whole of what the scheduler would say about a pod: of every node what each filter says, and each score. The same
 * plugins as in a cycle, but nothing is left out: no node for there being enough of them, no filter after the first that
 * rejects a node. Pure; for people (`kubeproc why`), from outside of the scheduler.
 */
import type { Node } from '../shared/api/node/node-model.ts'
import type { Pod } from '../shared/api/pod/pod-model.ts'
import type { Labels } from '../shared/labels.ts'
import { decide, explainRejection } from './cycle.ts'
import type { Cluster, NodeInfo, PodInfo } from './framework.ts'
import { filters, scores } from './plugins.ts'
import { describePod, isFinished } from './pod-info.ts'
import { createClusterState } from './state/cluster-state.ts'

/** What there is in the cluster, as the API server tells it. */
export interface World {
  readonly nodes: readonly Node[]
  readonly pods: readonly Pod[]
  readonly namespaces: readonly { readonly metadata: { readonly name: string; readonly labels?: Labels } }[]
}

export interface NodeExplanation {
  readonly name: string
  readonly isPossible: boolean
  /** By the name of the filter: why the node is not possible; empty where it is, as far as that filter goes. */
  readonly filters: Readonly<Record<string, readonly string[]>>
  /** Weighted scores by the name of the plugin; absent where the node is not possible. */
  readonly scores?: Readonly<Record<string, number>>
  readonly total?: number
}

export interface Explanation {
  /** The best node; undefined where none is possible. */
  readonly nodeName?: string
  /** What the scheduler reports of a pod that fits nowhere. */
  readonly message?: string
  /** By name. */
  readonly nodes: readonly NodeExplanation[]
  /** The weights of the scores that concern the pod. */
  readonly weights: Readonly<Record<string, number>>
}

/** The cluster without the pod itself, as it is or was when the pod is or was to be placed. */
function worldWithout(pod: Pod, { nodes, pods, namespaces }: World): Cluster {
  const state = createClusterState()
  for (const { metadata } of namespaces) state.setNamespace(metadata.name, metadata.labels ?? {})
  for (const node of nodes) state.setNode(node)
  for (const other of pods) {
    const { nodeName = '' } = other.spec
    if (nodeName !== '' && !isFinished(other) && other.metadata.uid !== pod.metadata.uid)
      state.place(describePod(other), nodeName)
  }
  return state
}

/** A pod as it is before it is bound: the node that it is on is no wish of its own. */
const unbound = (pod: Pod): Pod => ({ ...pod, spec: { ...pod.spec, nodeName: '' } })

/** The reasons of each filter that concerns the pod, for each node. */
function filterNodes(pod: PodInfo, nodes: readonly NodeInfo[], cluster: Cluster): Record<string, string[]>[] {
  const results: Record<string, string[]>[] = nodes.map(() => ({}))
  for (const { name, only, prepare } of filters) {
    const names = only?.(pod)
    const judge = prepare(pod, cluster)
    if (names === undefined && judge === undefined) continue
    nodes.forEach((node, index) => {
      const isOutside = names?.has(node.name) === false
      const reasons = isOutside ? [`node(s) didn't satisfy plugin(s) [${name}]`] : judge?.(node)?.reasons
      results[index]![name] = [...(reasons ?? [])]
    })
  }
  return results
}

function scoreNodes(pod: PodInfo, nodes: readonly NodeInfo[], cluster: Cluster) {
  const results: Record<string, number>[] = nodes.map(() => ({}))
  const weights: Record<string, number> = {}
  for (const { name, weight, score } of scores) {
    const values = score(pod, nodes, cluster)
    if (values === undefined) continue
    weights[name] = weight
    values.forEach((value, index) => {
      results[index]![name] = weight * value
    })
  }
  return { results, weights }
}

const totalOf = (values: Readonly<Record<string, number>>) => Object.values(values).reduce((sum, each) => sum + each, 0)

/** Says where a pod would go, and why not elsewhere. */
export function explainScheduling(pod: Pod, world: World): Explanation {
  const cluster = worldWithout(pod, world)
  const info = describePod(unbound(pod))
  const nodes = cluster.nodes.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const verdicts = filterNodes(info, nodes, cluster)
  const isPossible = (index: number) => Object.values(verdicts[index]!).every((reasons) => reasons.length === 0)
  const possible = nodes.filter((_, index) => isPossible(index))
  const { results, weights } = scoreNodes(info, possible, cluster)
  const decision = decide(info, cluster, { percentageOfNodesToScore: 100 })
  const scoresOf = new Map(possible.map(({ name }, index) => [name, results[index]!]))
  return {
    ...(decision.nodeName === undefined
      ? { message: explainRejection(info, decision) }
      : { nodeName: decision.nodeName }),
    nodes: nodes.map(({ name }, index) => {
      const scored = scoresOf.get(name)
      return {
        name,
        isPossible: isPossible(index),
        filters: verdicts[index]!,
        ...(scored !== undefined && { scores: scored, total: totalOf(scored) }),
      }
    }),
    weights,
  }
}
