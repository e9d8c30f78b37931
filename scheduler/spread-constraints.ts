/** Topology spread constraints of a pod, ready to be counted by. Pure. */
import type { Pod } from '../shared/api/pod/pod-model.ts'
import { type Labels, matchesSelector, type Requirement, selectorFromLabelSelector } from '../shared/labels.ts'
import { findUntolerated } from '../shared/scheduling/tolerations.ts'
import type { NodeInfo, PodInfo } from './framework.ts'
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

/** Whether a node and its pods count for a constraint. */
export const isCounted = (constraint: SpreadConstraint, pod: PodInfo, node: NodeInfo): boolean =>
  (!constraint.honorsAffinity || pod.selects?.(node) !== false) &&
  (!constraint.honorsTaints || findUntolerated(node.taints, pod.pod.spec.tolerations ?? [], HARD_TAINTS) === undefined)

/** Whether all nodes count that have the label: nothing about the pod or the constraint leaves any of them out. */
export const countsAllNodes = ({ honorsAffinity, honorsTaints }: SpreadConstraint, { selects }: PodInfo): boolean =>
  !honorsTaints && (!honorsAffinity || selects === undefined)

export const hasAllKeys = (constraints: readonly SpreadConstraint[], labels: Labels): boolean =>
  constraints.every(({ topologyKey }) => Object.hasOwn(labels, topologyKey))
