/** Since when nodes have their NoExecute taints. */
import type { Node, Taint } from '../../shared/api/node/node.ts'

export interface TaintTimes {
  /** Notes what a node has now. */
  observe(node: Node): void
  forget(node: Node): void
  sinceMs(node: Node, taint: Taint): number
}

export const noExecuteTaints = ({ spec }: Node): Taint[] =>
  spec.taints?.filter(({ effect }) => effect === 'NoExecute') ?? []

/** `timeAdded` is cut to the second: the taint came within the second that it names. */
const TIME_ADDED_GRAIN_MS = 1_000

const identityOf = ({ key, value, timeAdded }: Taint) => JSON.stringify([key, value, timeAdded])

/**
 * A taint counts from when this process first saw it, or from `timeAdded` where that is earlier: so a restart of this
 * process gives nobody a second term, and a taint without a time is not taken for an old one.
 */
export function createTaintTimes(nowMs: () => number): TaintTimes {
  const seen = new Map<string, Map<string, number>>()
  return {
    observe(node) {
      const before = seen.get(node.metadata.uid)
      const taints = noExecuteTaints(node).map(identityOf)
      if (taints.length === 0) seen.delete(node.metadata.uid)
      else seen.set(node.metadata.uid, new Map(taints.map((taint) => [taint, before?.get(taint) ?? nowMs()])))
    },
    forget: ({ metadata }) => seen.delete(metadata.uid),
    sinceMs(node, taint) {
      const seenMs = seen.get(node.metadata.uid)?.get(identityOf(taint)) ?? nowMs()
      if (taint.timeAdded === undefined) return seenMs
      return Math.min(seenMs, Date.parse(taint.timeAdded) + TIME_ADDED_GRAIN_MS)
    },
  }
}
