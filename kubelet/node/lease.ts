import type { Draft } from '../../shared/api/kind.ts'
import type { Lease } from '../../shared/api/lease.ts'
import type { Node } from '../../shared/api/node/node.ts'
import type { Client } from '../../shared/client/client.ts'
import { leases } from '../../shared/client/resources.ts'
import { type Clock, delay, toMicroTime } from '../../shared/clock.ts'
import { isApiError } from '../../shared/errors.ts'
import type { Logger } from '../../shared/log.ts'

/** Where upstream keeps the nodes' leases. */
export const LEASE_NAMESPACE = 'kube-node-lease'
/** A lease is renewed after this part of its duration, so that three renewals in a row may fail. */
const RENEWAL_PART = 1 / 4
/** Waits between tries while the API server is away, but for the renewal interval where that is shorter. */
const RETRY_MS = 200

export interface LeaseRenewerOptions {
  client: Client
  clock: Clock
  logger: Logger
  /** Its owner: the lease goes with it. */
  node: Node
  durationSeconds: number
}

function newLease({ node, durationSeconds }: LeaseRenewerOptions, renewTime: string): Draft<Lease> {
  const { name, uid } = node.metadata
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name,
      namespace: LEASE_NAMESPACE,
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }],
    },
    spec: { holderIdentity: name, leaseDurationSeconds: durationSeconds, renewTime },
  }
}

async function renew(options: LeaseRenewerOptions): Promise<void> {
  const { client, clock, node, durationSeconds } = options
  const { name } = node.metadata
  const renewTime = toMicroTime(clock.nowMs())
  const spec = { holderIdentity: name, leaseDurationSeconds: durationSeconds, renewTime }
  try {
    await client.patch(leases, { namespace: LEASE_NAMESPACE, name }, { type: 'merge', body: { spec } })
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error
    await client.create(leases, newLease(options, renewTime))
  }
}

/** The node's sign of life: renews its lease, at first at once, until the signal aborts. */
export async function renewLease(options: LeaseRenewerOptions, signal: AbortSignal): Promise<void> {
  const { clock, logger, durationSeconds } = options
  const intervalMs = durationSeconds * 1000 * RENEWAL_PART
  while (!signal.aborted) {
    const startedMs = clock.nowMs()
    let waitMs = intervalMs
    try {
      await renew(options)
    } catch (error) {
      if (!isApiError(error)) throw error
      logger.debug({ error: error.message }, 'Lease could not be renewed, trying again')
      waitMs = Math.min(RETRY_MS, intervalMs)
    }
    // An abort ends the wait, and with it the loop.
    await delay(clock, Math.max(0, startedMs + waitMs - clock.nowMs()), signal).catch(() => undefined)
  }
}
