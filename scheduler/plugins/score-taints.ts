import { isTolerated } from '../../shared/scheduling/tolerations.ts'
import type { Score } from '../framework.ts'
import { fewerIsBetter } from '../normalize.ts'

/** The fewer PreferNoSchedule taints that the pod does not tolerate, the better. */
export const scoreTaints: Score = {
  name: 'TaintToleration',
  weight: 3,
  score({ pod: { spec } }, nodes) {
    const tolerations = spec.tolerations ?? []
    const unwelcome = (taint: { key: string; effect: string }) =>
      taint.effect === 'PreferNoSchedule' && !isTolerated(taint, tolerations)
    return fewerIsBetter(nodes.map(({ taints }) => (taints.length === 0 ? 0 : taints.filter(unwelcome).length)))
  },
}
