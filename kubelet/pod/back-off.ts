/** Waits between the runs of a container that keeps ending: upstream's `flowcontrol.Backoff`, as data. */

export interface BackOffLimits {
  /** Wait before the second restart; the first is not delayed. Upstream: 10 s. */
  initialMs: number
  /** No wait is longer. A run that lasts twice as long starts the count anew. Upstream: 5 min. */
  maxMs: number
}

/** Where a container stands: the wait that its next end is followed by. */
export interface BackOff {
  delayMs: number
  /** When the run began that this wait follows. */
  sinceMs: number
}

const isOver = ({ sinceMs }: BackOff, endedAtMs: number, { maxMs }: BackOffLimits) => endedAtMs - sinceMs > 2 * maxMs

/** When a container may run again whose last run ended at `endedAtMs`. */
export const restartAtMs = (backOff: BackOff | undefined, endedAtMs: number, limits: BackOffLimits): number =>
  backOff === undefined || isOver(backOff, endedAtMs, limits) ? endedAtMs : endedAtMs + backOff.delayMs

/** The state after a restart at `nowMs` of a container whose last run ended at `endedAtMs`. */
export function nextBackOff(
  backOff: BackOff | undefined,
  endedAtMs: number,
  nowMs: number,
  limits: BackOffLimits,
): BackOff {
  const isFirst = backOff === undefined || isOver(backOff, endedAtMs, limits)
  return { delayMs: isFirst ? limits.initialMs : Math.min(backOff.delayMs * 2, limits.maxMs), sinceMs: nowMs }
}
