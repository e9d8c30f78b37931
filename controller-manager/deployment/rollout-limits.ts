/** How far a rollout may stray from the wanted number of pods. Pure. */
import type { Deployment } from '../../shared/api/deployment.ts'

export interface RolloutLimits {
  /** Pods that there may be beyond the wanted number. */
  maxSurge: number
  /** Pods that may be missing of it. */
  maxUnavailable: number
}

/** A number, or a percentage of `total`. */
function scaledValue(value: number | string, total: number, round: (value: number) => number): number {
  return typeof value === 'number' ? value : round((Number.parseInt(value, 10) * total) / 100)
}

/**
 * The limits in pods: a surge is rounded up, unavailability down. Where nothing of both is left, one may be unavailable,
 * for else the rollout could not begin. Recreate allows no surge, and asks for no availability during the rollout.
 */
export function rolloutLimits({ spec: { replicas, strategy } }: Deployment): RolloutLimits {
  if (strategy.type !== 'RollingUpdate') return { maxSurge: 0, maxUnavailable: 0 }
  const { maxSurge: surge = '25%', maxUnavailable: unavailable = '25%' } = strategy.rollingUpdate ?? {}
  const maxSurge = scaledValue(surge, replicas, Math.ceil)
  const maxUnavailable = scaledValue(unavailable, replicas, Math.floor)
  return { maxSurge, maxUnavailable: Math.min(replicas, maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable) }
}
