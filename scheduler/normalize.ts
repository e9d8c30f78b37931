/** Ways to bring scores into the range from 0 to SCORE_MAX. Pure. */
import { SCORE_MAX } from './framework.ts'

/** The highest count gets SCORE_MAX, the others in proportion. All zero: all stay 0. */
export function moreIsBetter(counts: readonly number[]): number[] {
  const max = Math.max(0, ...counts)
  return counts.map((count) => (max === 0 ? 0 : (SCORE_MAX * count) / max))
}

/** No count gets SCORE_MAX, the highest 0, the others in proportion. All zero: all get SCORE_MAX. */
export const fewerIsBetter = (counts: readonly number[]): number[] =>
  moreIsBetter(counts).map((score) => SCORE_MAX - score)
