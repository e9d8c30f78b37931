import type { Labels } from '../../shared/labels.ts'
import type { Cluster, CountByValue, Filter, NodeFilter, PodInfo, Rejection } from '../framework.ts'
import { matchesPodTerm, type PodTerm, queryOf } from '../pod-terms.ts'

const NOT_NEAR: Rejection = { reasons: ["node(s) didn't match pod affinity rules"], resolvable: false }
const NOT_AWAY: Rejection = { reasons: ["node(s) didn't match pod anti-affinity rules"], resolvable: true }
const NOT_LIKED: Rejection = {
  reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"],
  resolvable: true,
}

/** How many pods are in each place of a topology. */
interface Places {
  readonly topologyKey: string
  readonly byValue: CountByValue
}

const isAnyAt = ({ topologyKey, byValue }: Places, labels: Labels): boolean => {
  const value = labels[topologyKey]
  return value !== undefined && byValue.has(value)
}

const matchesAll = (terms: readonly PodTerm[], pod: PodInfo, cluster: Cluster) =>
  terms.every((term) => matchesPodTerm(term, pod, () => cluster.namespaceLabels(pod.namespace)))

/** A pod must be near pods that all of its terms mean; the first of a group that is to be together may go anywhere. */
function nearFilter(pod: PodInfo, cluster: Cluster): NodeFilter | undefined {
  const { near } = pod
  if (near.length === 0) return undefined
  const query = queryOf(near, cluster)
  const places = near.map(({ topologyKey }) => ({ topologyKey, byValue: cluster.countPods(query, topologyKey) }))
  const isFirst = places.every(({ byValue }) => byValue.size === 0) && matchesAll(near, pod, cluster)
  return ({ labels }) => {
    if (near.some(({ topologyKey }) => labels[topologyKey] === undefined)) return NOT_NEAR
    return isFirst || places.every((place) => isAnyAt(place, labels)) ? undefined : NOT_NEAR
  }
}

/** Where the pods are that a pod must be away from. */
const avoidedBy = ({ away }: PodInfo, cluster: Cluster): Places[] =>
  away
    .map((term) => ({
      topologyKey: term.topologyKey,
      byValue: cluster.countPods(queryOf([term], cluster), term.topologyKey),
    }))
    .filter(({ byValue }) => byValue.size > 0)

/** Where the pods are that must be away from a pod. */
function avoiding(pod: PodInfo, cluster: Cluster): Places[] {
  const namespaceLabels = () => cluster.namespaceLabels(pod.namespace)
  const places: Places[] = []
  for (const { term, byValue } of cluster.standingAway) {
    if (byValue.size > 0 && matchesPodTerm(term, pod, namespaceLabels))
      places.push({ topologyKey: term.topologyKey, byValue })
  }
  return places
}

/** Required affinity and anti-affinity of the pod, and the anti-affinity of those that are there. */
export const filterPodAffinity: Filter = {
  name: 'InterPodAffinity',
  prepare(pod, cluster) {
    const near = nearFilter(pod, cluster)
    const avoided = avoidedBy(pod, cluster)
    const shy = avoiding(pod, cluster)
    if (near === undefined && avoided.length === 0 && shy.length === 0) return undefined
    return (node) => {
      const { labels } = node
      if (near?.(node) !== undefined) return NOT_NEAR
      if (avoided.some((place) => isAnyAt(place, labels))) return NOT_AWAY
      return shy.some((place) => isAnyAt(place, labels)) ? NOT_LIKED : undefined
    }
  },
  hints: {
    // A label can put a node into a place where the pods are that are wanted, or move pods that are not.
    anyNode: ['added', 'labels'],
    namespace: true,
    placed: (pod, placed, cluster) => pod.near.length > 0 && matchesAll(pod.near, placed, cluster),
    gone: (pod, gone, _node, cluster) =>
      pod.away.some((term) => matchesAll([term], gone, cluster)) ||
      gone.away.some((term) => matchesAll([term], pod, cluster)) ||
      // The last one of a group that is to be together leaves it free to begin elsewhere.
      (pod.near.length > 0 && matchesAll(pod.near, gone, cluster)),
  },
}
