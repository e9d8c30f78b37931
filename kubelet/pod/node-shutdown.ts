/** How a node that shuts down ends its pods: upstream's graceful node shutdown. Pure. */
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { Rejection } from './admit.ts'

/** The pod ends since its node does. */
export interface NodeShutdown {
  /** Its containers have this long to end, at most. */
  graceMs: number
}

export interface ShutdownPeriods {
  /** For all pods together; 0: pods are not ended for good, and run again at the node's next start. */
  graceMs: number
  /** The part of it that is kept for critical pods, which end after all others. */
  criticalMs: number
}

/** What the status of such a pod says. */
export const SHUTDOWN_REASON = 'Terminated'
export const SHUTDOWN_MESSAGE = 'Pod was terminated in response to imminent node shutdown.'

/** What becomes of pods that come meanwhile. */
export const SHUTDOWN_REJECTION: Rejection = {
  reason: 'NodeShutdown',
  message: 'Pod was rejected as the node is shutting down.',
}

/** The priority from which on a pod is critical: that of `system-cluster-critical`. */
const CRITICAL_PRIORITY = 2_000_000_000

export const isCritical = ({ spec }: Pod): boolean => (spec.priority ?? 0) >= CRITICAL_PRIORITY
