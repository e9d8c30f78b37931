/** Terms of pod affinity: which pods they mean, and in which places. Pure. */
import type { PodAffinityTerm } from '../shared/api/pod/affinity.ts'
import type { Pod } from '../shared/api/pod/pod-model.ts'
import { type Labels, matchesSelector, type Selector, selectorFromLabelSelector } from '../shared/labels.ts'
import type { Cluster, PodInfo } from './framework.ts'

/** Pods by their labels and namespaces, in places by the value of a label of nodes. */
export interface PodTerm {
  /** The same for terms that say the same. */
  readonly id: string
  readonly topologyKey: string
  readonly selector: Selector
  readonly namespaces: ReadonlySet<string>
  /** Further namespaces by their labels. */
  readonly namespaceSelector: Selector | undefined
}

/** A preference; negative where the pods are to be avoided. */
export interface WeightedTerm {
  readonly term: PodTerm
  readonly weight: number
}

/** Pods to be counted. Counts are kept from one cycle to the next, by the query's name. */
export interface PodQuery {
  /** The same for queries that find the same pods. */
  readonly id: string
  /** Where they can be; undefined: in all namespaces. */
  readonly within: PodGroups
  matches(pod: PodInfo): boolean
}

/** Pods are looked for among those of some namespaces, or of one controller. */
export type PodGroups = { readonly namespaces: ReadonlySet<string> } | { readonly controllerUid: string }

export function podTerm(term: PodAffinityTerm, ownNamespace: string): PodTerm {
  const { topologyKey, namespaces = [], namespaceSelector } = term
  const selector = selectorFromLabelSelector(term.labelSelector)
  // Without a word of namespaces the pod's own is meant.
  const names = namespaces.length === 0 && namespaceSelector === undefined ? [ownNamespace] : namespaces.toSorted()
  const byLabels = namespaceSelector === undefined ? undefined : selectorFromLabelSelector(namespaceSelector)
  return {
    id: JSON.stringify([topologyKey, names, byLabels, selector]),
    topologyKey,
    selector,
    namespaces: new Set(names),
    namespaceSelector: byLabels,
  }
}

/** Whether a term means a pod in a namespace with these labels. */
export const matchesPodTerm = (term: PodTerm, pod: PodInfo, namespaceLabels: () => Labels): boolean =>
  (term.namespaces.has(pod.namespace) ||
    (term.namespaceSelector !== undefined && matchesSelector(term.namespaceSelector, namespaceLabels()))) &&
  matchesSelector(term.selector, pod.labels)

function namespacesOf({ namespaces, namespaceSelector }: PodTerm, cluster: Cluster): ReadonlySet<string> {
  if (namespaceSelector === undefined) return namespaces
  const selected = [...cluster.namespaces].filter((name) =>
    matchesSelector(namespaceSelector, cluster.namespaceLabels(name)),
  )
  return new Set([...namespaces, ...selected])
}

/** The pods that all of the terms mean. */
export function queryOf(terms: readonly PodTerm[], cluster: Cluster): PodQuery {
  const namespaces = terms.map((term) => namespacesOf(term, cluster)).reduce((all, some) => all.intersection(some))
  const id = JSON.stringify([...namespaces].sort().concat(terms.map(({ id }) => id)))
  const selectors = terms.map(({ selector }) => selector)
  return {
    id,
    within: { namespaces },
    matches: ({ namespace, labels }) =>
      namespaces.has(namespace) && selectors.every((selector) => matchesSelector(selector, labels)),
  }
}

/** What a pod's affinity says about other pods. */
export function podTermsOf({ metadata: { namespace = '' }, spec: { affinity } }: Pod) {
  const { podAffinity, podAntiAffinity } = affinity ?? {}
  const required = (terms: readonly PodAffinityTerm[] = []) => terms.map((term) => podTerm(term, namespace))
  const preferred = (side: typeof podAffinity, sign: 1 | -1): WeightedTerm[] =>
    (side?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ weight, podAffinityTerm }) => ({
      term: podTerm(podAffinityTerm, namespace),
      weight: weight * sign,
    }))
  return {
    near: required(podAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    away: required(podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    preferred: [...preferred(podAffinity, 1), ...preferred(podAntiAffinity, -1)],
  }
}
