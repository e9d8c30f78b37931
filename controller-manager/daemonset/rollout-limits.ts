/** How far an update may go at once. Pure. */
import type { DaemonSet } from '../../shared/api/daemon-set.ts'
import { scaledValue } from '../../shared/scaled-value.ts'

export interface RolloutLimits {
  /** Nodes that may have a second pod while the update lasts. 0: old pods go first. */
  maxSurge: number
  /** Nodes that may be without an available pod. */
  maxUnavailable: number
}

/** The limits for so many nodes, both rounded up. Where nothing of both is left one node may be without. */
export function rolloutLimits({ spec: { updateStrategy } }: DaemonSet, nodes: number): RolloutLimits {
  if (updateStrategy.type !== 'RollingUpdate') return { maxSurge: 0, maxUnavailable: 0 }
  const { maxSurge: surge = 0, maxUnavailable: unavailable = 1 } = updateStrategy.rollingUpdate ?? {}
  const maxSurge = scaledValue(surge, nodes, { round: 'up' })
  const maxUnavailable = scaledValue(unavailable, nodes, { round: 'up' })
  return { maxSurge, maxUnavailable: maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable }
}

/** Whether a node may have an old and a new pod during an update. */
export const allowsSurge = (daemonSet: DaemonSet): boolean => rolloutLimits(daemonSet, 100).maxSurge > 0
