/**
 * Leader election: of several processes of one kind only the one that holds the Lease acts. A leader that cannot renew
 * it in time gives up before another may take it, as long as its clock runs.
 *
 * A leader that was frozen may still carry out what it was in the middle of when it thaws, before it finds out that it
 * was deposed. That does no harm which another leader would not put right: updates carry a `resourceVersion` and are
 * refused when they are late, a binding is refused for a pod that has a node, and what is created twice is counted and
 * deleted by whoever leads.
 */
import type { Lease } from '../api/lease.ts'
import type { Client } from '../client/client.ts'
import { leases } from '../client/resources.ts'
import { type Clock, delay } from '../clock.ts'
import { isApiError } from '../errors.ts'
import { createEventRecorder } from '../events/recorder.ts'
import type { Logger } from '../log.ts'
import {
  type Candidate,
  claimLease,
  firstLease,
  holderOf,
  type Observation,
  observe,
  releasedLease,
} from './plan-lease.ts'

/** Candidates wait up to so much longer than the retry period, so that they do not all ask at once. */
const JITTER = 1.2

export interface LeaderElectionOptions extends Candidate {
  client: Client
  clock: Clock
  logger: Logger
  /** Who reports the events about the lease. */
  component: string
  /** A leader that could not renew the lease for so long gives up. Less than the lease's duration. */
  renewDeadlineMs: number
  /** Time between two tries to take or renew the lease. */
  retryPeriodMs: number
  /** This process no longer leads, and must stop acting at once. */
  onLost(): void
  /** Receives a defect of this program. */
  onFailure(error: unknown): void
}

export interface LeaderElection {
  /** Resolves when this process leads; never, where it is stopped before. */
  readonly leading: Promise<void>
  /** Resolves when it is known that another leads. */
  readonly standingBy: Promise<void>
  /** Ends taking part, and gives the lease up where this process holds it. */
  release(): Promise<void>
}

export function startLeaderElection(options: LeaderElectionOptions): LeaderElection {
  const { client, clock, logger, component, identity, leaseName, namespace, onLost, onFailure } = options
  const { renewDeadlineMs, retryPeriodMs } = options
  const recorder = createEventRecorder({ client, component, clock, logger })
  const leading = Promise.withResolvers<void>()
  const standingBy = Promise.withResolvers<void>()
  const stop = new AbortController()
  let observed: Observation | undefined
  let isLeading = false
  let cancelDeadline: (() => void) | undefined

  const isAnothers = () => observed !== undefined && ![identity, ''].includes(holderOf(observed.lease))

  function see(lease: Lease): void {
    const before = observed === undefined ? '' : holderOf(observed.lease)
    observed = observe(lease, observed, clock.nowMs())
    const holder = holderOf(lease)
    if (holder !== before && holder !== '') logger.info({ lease: leaseName, holder }, 'There is a new leader')
  }

  const look = async () => see(await client.get(leases, { name: leaseName, namespace }))

  async function write(): Promise<boolean> {
    // A leader need not look first: the version tells the server whether anybody else has written.
    if (!isLeading || observed === undefined) await look()
    const claimed = claimLease(options, observed!, clock.nowMs())
    if (claimed === undefined) return false
    see(await client.update(leases, claimed))
    return true
  }

  async function create(): Promise<boolean> {
    see(await client.create(leases, firstLease(options, clock.nowMs())))
    return true
  }

  /** Takes or renews the lease; tells whether this process is known to hold it now. */
  async function claim(): Promise<boolean> {
    try {
      return await write().catch((error: unknown) => {
        if (!isApiError(error, 'NotFound')) throw error
        return create()
      })
    } catch (error) {
      if (!isApiError(error, 'Conflict', 'AlreadyExists')) throw error
      // Somebody was faster, or an answer to this process was lost: the next try goes by what is there.
      await look()
      return false
    }
  }

  /** One try; an outage of the server is nothing but a try in vain. */
  async function tryToClaim(): Promise<boolean> {
    try {
      const isHeld = await claim()
      if (isAnothers()) standingBy.resolve()
      return isHeld
    } catch (error) {
      if (!isApiError(error)) throw error
      logger.debug({ lease: leaseName, error: error.message }, 'Lease could not be claimed')
      return false
    }
  }

  function lose(why: string): void {
    if (!isLeading || stop.signal.aborted) return
    logger.error({ lease: leaseName, identity, why }, 'Leader election lost')
    isLeading = false
    stop.abort()
    onLost()
  }

  function renewed(): void {
    cancelDeadline?.()
    cancelDeadline = clock.after(renewDeadlineMs, () => lose('the lease could not be renewed in time'))
  }

  function lead(): void {
    isLeading = true
    renewed()
    recorder.event(observed!.lease, 'Normal', 'LeaderElection', `${identity} became leader`)
    leading.resolve()
  }

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      const isHeld = await tryToClaim()
      if (stop.signal.aborted) return
      if (isHeld && isLeading) renewed()
      else if (isHeld) lead()
      else if (isLeading && isAnothers()) lose(`${holderOf(observed!.lease)} has taken the lease`)
      const waitMs = isLeading ? retryPeriodMs : retryPeriodMs * (1 + Math.random() * JITTER)
      // An abort ends the wait, and with it the loop.
      await delay(clock, waitMs, stop.signal).catch(() => undefined)
    }
  }

  logger.info({ lease: leaseName, identity }, 'Taking part in leader election')
  const running = run().catch(onFailure)
  return {
    leading: leading.promise,
    standingBy: standingBy.promise,
    async release() {
      stop.abort()
      cancelDeadline?.()
      await running
      if (isLeading && observed !== undefined) {
        isLeading = false
        recorder.event(observed.lease, 'Normal', 'LeaderElection', `${identity} stopped leading`)
        await client.update(leases, releasedLease(observed.lease, clock.nowMs())).catch((error: unknown) => {
          // Who comes next waits for its end, then.
          if (!isApiError(error)) throw error
        })
      }
      await recorder.close()
    },
  }
}
