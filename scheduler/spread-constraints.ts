/** Topology spread constraints of a pod, ready to be counted by. Pure. */
import type { Pod } from '../shared/api/pod/pod-model.ts'
import { type Labels, matchesSelector, type Requirement, selectorFromLabelSelector } from '../shared/labels.ts'
import { findUntolerated } from '../shared/scheduling/tolerations.ts'
import type { NodeSet, PodInfo } from './framework.ts'
import type { PodQuery } from './pod-terms.ts'

export const HOSTNAME_LABEL = 'kubernetes.io/hostname'
export const ZONE_LABEL = 'topology.kubernetes.io/zone'

export interface SpreadConstraint {
  readonly topologyKey: string
  readonly maxSkew: number
  /** DoNotSchedule; else it is a preference. */
  readonly isHard: boolean
  readonly minDomains: number
  /** Whether nodes count that the pod's node selector and affinity do not leave it, or whose taints keep it off. */
  readonly honorsAffinity: boolean
  readonly honorsTaints: boolean
  /** The pods that are spread. */
  readonly query: PodQuery
  /** Whether the pod is one of those that its constraint counts. */
  readonly countsItself: boolean
}

export function spreadConstraintsOf(pod: Pod): SpreadConstraint[] {
  const { namespace = '', labels = {} } = pod.metadata
  return (pod.spec.topologySpreadConstraints ?? []).map((constraint) => {
    const agreeing: Requirement[] = (constraint.matchLabelKeys ?? [])
      .filter((key) => Object.hasOwn(labels, key))
      .map((key) => ({ key, operator: '=', values: [labels[key]!] }))
    const selector = [...selectorFromLabelSelector(constraint.labelSelector), ...agreeing]
    return {
      topologyKey: constraint.topologyKey,
      maxSkew: constraint.maxSkew,
      isHard: constraint.whenUnsatisfiable === 'DoNotSchedule',
      minDomains: constraint.minDomains ?? 1,
      honorsAffinity: constraint.nodeAffinityPolicy !== 'Ignore',
      honorsTaints: constraint.nodeTaintsPolicy === 'Honor',
      query: {
        id: JSON.stringify(['staying', namespace, selector]),
        within: { namespaces: new Set([namespace]) },
        matches: (other) =>
          !other.isLeaving && other.namespace === namespace && matchesSelector(selector, other.labels),
      },
      countsItself: matchesSelector(selector, labels),
    }
  })
}

/**
 * What spreads the pods of a controller where they say nothing themselves: upstream's system defaults. Upstream finds
 * a controller's pods by its selector, and those of a Service as well; here they are those that the controller manages.
 */
export function defaultConstraints({ controllerUid }: PodInfo): SpreadConstraint[] {
  if (controllerUid === undefined) return []
  const query: PodQuery = {
    id: `controller ${controllerUid}`,
    within: { controllerUid },
    matches: (pod) => !pod.isLeaving && pod.controllerUid === controllerUid,
  }
  const constraint = (topologyKey: string, maxSkew: number): SpreadConstraint => ({
    topologyKey,
    maxSkew,
    isHard: false,
    minDomains: 1,
    honorsAffinity: true,
    honorsTaints: false,
    query,
    countsItself: true,
  })
  return [constraint(HOSTNAME_LABEL, 3), constraint(ZONE_LABEL, 5)]
}

const HARD_TAINTS = ['NoSchedule', 'NoExecute']

/** Labels that nodes must have to count at all. */
export const keysOf = (constraints: readonly SpreadConstraint[]): string[] =>
  constraints.map(({ topologyKey }) => topologyKey)

export const hasAllKeys = (keys: readonly string[], labels: Labels): boolean =>
  keys.every((key) => Object.hasOwn(labels, key))

/**
 * The nodes that count for a constraint of a pod, with their pods: those that have the labels `keys`, and that the pod
 * may go to as far as the constraint honors that. Undefined: all that have the constraint's own label.
 */
export function nodesCounted(
  { honorsAffinity, honorsTaints }: SpreadConstraint,
  keys: readonly string[],
  { pod: { spec }, selects }: PodInfo,
): NodeSet | undefined {
  const isSelected = honorsAffinity ? selects : undefined
  if (isSelected === undefined && !honorsTaints && keys.length <= 1) return undefined
  const { nodeSelector, affinity, tolerations = [] } = spec
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return {
    id: JSON.stringify([keys, isSelected && [nodeSelector, required], honorsTaints && tolerations]),
    has: (node) =>
      hasAllKeys(keys, node.labels) &&
      isSelected?.(node) !== false &&
      !(honorsTaints && findUntolerated(node.taints, tolerations, HARD_TAINTS) !== undefined),
  }
}
