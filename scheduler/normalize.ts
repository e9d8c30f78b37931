/** Ways to bring scores into the range from 0 to SCORE_MAX, in whole numbers as upstream's. Pure. */
import { SCORE_MAX } from './framework.ts'

/** The highest of some numbers; 0 where there is none above. */
const highest = (counts: readonly number[]) => counts.reduce((max, count) => Math.max(max, count), 0)

/** The highest count gets SCORE_MAX, the others in proportion. All zero: all stay 0. */
export function moreIsBetter(counts: readonly number[]): number[] {
  const max = highest(counts)
  return counts.map((count) => (max === 0 ? 0 : Math.floor((SCORE_MAX * count) / max)))
}

/** No count gets SCORE_MAX, the highest 0, the others in proportion. All zero: all get SCORE_MAX. */
export const fewerIsBetter = (counts: readonly number[]): number[] =>
  moreIsBetter(counts).map((score) => SCORE_MAX - score)
