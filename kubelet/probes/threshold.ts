/** From single results to the verdict of a probe: `successThreshold` and `failureThreshold` in a row. Pure. */
import type { Probe } from '../../shared/api/pod/pod.ts'

export interface Tally {
  /** The last result; absent before the first. */
  last?: boolean
  /** How often in a row it came. */
  inRow: number
}

export const NO_RESULTS: Tally = { inRow: 0 }

/** The tally with one more result, and the verdict where this result decides: it may be the one that stands already. */
export function count(
  { last, inRow }: Tally,
  success: boolean,
  { successThreshold, failureThreshold }: Pick<Probe, 'successThreshold' | 'failureThreshold'>,
): { tally: Tally; verdict?: boolean } {
  const tally = { last: success, inRow: success === last ? inRow + 1 : 1 }
  const decides = tally.inRow >= (success ? successThreshold : failureThreshold)
  return decides ? { tally, verdict: success } : { tally }
}
