/** How far a rollout may stray from the wanted number of pods. Pure. */
import type { Deployment } from '../../shared/api/deployment.ts'
import { scaledValue } from '../../shared/scaled-value.ts'

export interface RolloutLimits {
  /** Pods that there may be beyond the wanted number. */
  maxSurge: number
  /** Pods that may be missing of it. */
  maxUnavailable: number
}

/**
 * The limits in pods: a surge is rounded up, unavailability down. Where nothing of both is left, one may be unavailable,
 * for else the rollout could not begin. Recreate allows no surge, and asks for no availability during the rollout.
 */
export function rolloutLimits({ spec: { replicas, strategy } }: Deployment): RolloutLimits {
  if (strategy.type !== 'RollingUpdate') return { maxSurge: 0, maxUnavailable: 0 }
  const { maxSurge: surge = '25%', maxUnavailable: unavailable = '25%' } = strategy.rollingUpdate ?? {}
  const maxSurge = scaledValue(surge, replicas, { round: 'up' })
  const maxUnavailable = scaledValue(unavailable, replicas, { round: 'down' })
  return { maxSurge, maxUnavailable: Math.min(replicas, maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable) }
}
