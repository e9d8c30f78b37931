/** How long failed pods of a node are left before they are replaced: a node that refuses every pod is not asked in a loop. */
const FIRST_MS = 1_000
const LONGEST_MS = 15 * 60_000

export interface FailedPodBackOff {
  /** What is left of the back-off on a node; 0: a failed pod may be replaced now. */
  remainingMs(owner: string, nodeName: string, nowMs: number): number
  /** A failed pod was replaced: the next one on this node waits, twice as long as the last one. */
  replaced(owner: string, nodeName: string, nowMs: number): void
  /** The owner is gone, or wants another thing by now. */
  forget(owner: string): void
}

/** Bounded by the number of owners and nodes: a back-off that has been over for long is forgotten. */
export function createFailedPodBackOff(): FailedPodBackOff {
  const entries = new Map<string, Map<string, { waitMs: number; sinceMs: number }>>()
  const isOver = ({ sinceMs }: { sinceMs: number }, nowMs: number) => nowMs - sinceMs > 2 * LONGEST_MS
  return {
    remainingMs(owner, nodeName, nowMs) {
      const entry = entries.get(owner)?.get(nodeName)
      return entry === undefined ? 0 : Math.max(0, entry.sinceMs + entry.waitMs - nowMs)
    },
    replaced(owner, nodeName, nowMs) {
      const ofOwner = entries.get(owner) ?? new Map<string, { waitMs: number; sinceMs: number }>()
      entries.set(owner, ofOwner)
      for (const [name, entry] of ofOwner) if (isOver(entry, nowMs)) ofOwner.delete(name)
      const last = ofOwner.get(nodeName)
      ofOwner.set(nodeName, {
        waitMs: last === undefined ? FIRST_MS : Math.min(LONGEST_MS, last.waitMs * 2),
        sinceMs: nowMs,
      })
    },
    forget: (owner) => entries.delete(owner),
  }
}
