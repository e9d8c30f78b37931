/** Which certificate requests have served their time (upstream's certificate cleaner). Pure. */
import type { CertificateSigningRequest } from '../../shared/api/certificate-signing-request.ts'

const HOUR_MS = 3_600_000
/** Requests that nobody has decided about are kept longer: a person may be needed. */
const PENDING_MS = 24 * HOUR_MS
const DECIDED_MS = HOUR_MS

const FINAL = ['Approved', 'Denied', 'Failed']

/** When a request may be removed. What was approved and is not signed yet waits for its signer as one that is pending. */
export function removableAtMs({ metadata, status }: CertificateSigningRequest): number {
  const createdMs = Date.parse(metadata.creationTimestamp ?? '')
  const decisions = (status.conditions ?? []).filter(({ type }) => FINAL.includes(type))
  const isSigned = (status.certificate ?? '') !== ''
  const isDone = isSigned || decisions.some(({ type }) => type !== 'Approved')
  if (!isDone) return createdMs + PENDING_MS
  return (
    DECIDED_MS + Math.max(createdMs, ...decisions.map(({ lastUpdateTime = '' }) => Date.parse(lastUpdateTime) || 0))
  )
}
