import { type Cluster, type CountByValue, type PodInfo, SCORE_MAX, type Score } from '../framework.ts'
import { matchesPodTerm, queryOf } from '../pod-terms.ts'

/** Pods in the places of a topology, each of which counts so much. */
interface Attraction {
  readonly topologyKey: string
  readonly byValue: CountByValue
  readonly weight: number
}

/** What the pod prefers, and what the pods that are there would like of it. */
function attractionsOf(pod: PodInfo, cluster: Cluster): Attraction[] {
  const attractions: Attraction[] = pod.preferred.map(({ term, weight }) => ({
    topologyKey: term.topologyKey,
    byValue: cluster.countPods(queryOf([term], cluster), term.topologyKey),
    weight,
  }))
  const namespaceLabels = () => cluster.namespaceLabels(pod.namespace)
  for (const { term, weight, byValue } of cluster.standingPreferences) {
    if (matchesPodTerm(term, pod, namespaceLabels)) attractions.push({ topologyKey: term.topologyKey, byValue, weight })
  }
  return attractions.filter(({ byValue }) => byValue.size > 0)
}

/** The lowest sum gets 0, the highest SCORE_MAX, the others in proportion. */
function spreadOut(sums: readonly number[]): number[] {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const sum of sums) {
    min = Math.min(min, sum)
    max = Math.max(max, sum)
  }
  return sums.map((sum) => (max === min ? 0 : Math.floor((SCORE_MAX * (sum - min)) / (max - min))))
}

/** Preferred affinity and anti-affinity of the pod, and of those that are there towards it. */
export const scorePodAffinity: Score = {
  name: 'InterPodAffinity',
  weight: 2,
  score(pod, nodes, cluster) {
    const attractions = attractionsOf(pod, cluster)
    if (attractions.length === 0) return undefined
    return spreadOut(
      nodes.map(({ labels }) => {
        let sum = 0
        for (const { topologyKey, byValue, weight } of attractions) {
          const value = labels[topologyKey]
          if (value !== undefined) sum += weight * (byValue.get(value) ?? 0)
        }
        return sum
      }),
    )
  },
}
