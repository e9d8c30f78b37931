/** Who leads among processes of one kind, by a Lease: the decision of one candidate. Pure. */
import type { Draft } from '../api/kind.ts'
import type { Lease, LeaseSpec } from '../api/lease.ts'
import { toMicroTime } from '../clock.ts'

/** A lease as it was last seen, and since when it has been like that by this process's own clock. */
export interface Observation {
  readonly lease: Lease
  readonly sinceMs: number
}

export interface Candidate {
  /** Name that no other candidate has. */
  readonly identity: string
  readonly leaseName: string
  readonly namespace: string
  readonly leaseDurationMs: number
}

/** Clocks of different machines are not compared: only a change of the lease counts as a sign of life. */
export function observe(lease: Lease, before: Observation | undefined, nowMs: number): Observation {
  const isSame = before !== undefined && before.lease.metadata.resourceVersion === lease.metadata.resourceVersion
  return { lease, sinceMs: isSame ? before.sinceMs : nowMs }
}

export const holderOf = ({ spec }: Lease): string => spec.holderIdentity ?? ''

/** Whether another process holds the lease, and has shown itself within its duration. */
function isHeldByAnother({ lease, sinceMs }: Observation, identity: string, nowMs: number): boolean {
  const holder = holderOf(lease)
  const { leaseDurationSeconds = 0 } = lease.spec
  return holder !== '' && holder !== identity && nowMs < sinceMs + leaseDurationSeconds * 1000
}

const secondsOf = ({ leaseDurationMs }: Candidate) => Math.max(1, Math.ceil(leaseDurationMs / 1000))

/** The lease of a first leader. */
export function firstLease(candidate: Candidate, nowMs: number): Draft<Lease> {
  const time = toMicroTime(nowMs)
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: candidate.leaseName, namespace: candidate.namespace },
    spec: {
      holderIdentity: candidate.identity,
      leaseDurationSeconds: secondsOf(candidate),
      acquireTime: time,
      renewTime: time,
      leaseTransitions: 0,
    },
  }
}

/** The lease with which a candidate takes or renews it; undefined while it is another's. */
export function claimLease(candidate: Candidate, observed: Observation, nowMs: number): Lease | undefined {
  if (isHeldByAnother(observed, candidate.identity, nowMs)) return undefined
  const { lease } = observed
  const time = toMicroTime(nowMs)
  const isOwn = holderOf(lease) === candidate.identity
  const taken: LeaseSpec = isOwn ? {} : { acquireTime: time, leaseTransitions: (lease.spec.leaseTransitions ?? 0) + 1 }
  const spec = { ...lease.spec, ...taken, holderIdentity: candidate.identity, renewTime: time }
  return { ...lease, spec: { ...spec, leaseDurationSeconds: secondsOf(candidate) } }
}

/** The lease as its holder leaves it, so that the next one need not wait. */
export const releasedLease = (lease: Lease, nowMs: number): Lease => ({
  ...lease,
  spec: { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: toMicroTime(nowMs) },
})
