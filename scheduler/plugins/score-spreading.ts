import { SCORE_MAX, type Score } from '../framework.ts'

/** The fewer pods of the same controller are on a node, the better: upstream's default topology spreading over hosts. */
export const scoreSpreading: Score = {
  name: 'PodTopologySpread',
  weight: 2,
  score({ controllerUid }, nodes) {
    const counts = nodes.map(({ podsByController }) => podsByController.get(controllerUid ?? '') ?? 0)
    const [min, max] = [Math.min(...counts), Math.max(...counts)]
    // As a share of the fullest, so that one pod more matters less where there are many.
    return counts.map((count) => (max === 0 ? SCORE_MAX : (SCORE_MAX * (max + min - count)) / max))
  },
}
