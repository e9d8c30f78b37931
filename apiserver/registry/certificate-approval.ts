import {
  type CertificateSigningRequest,
  validateDecision,
  withDecision,
} from '../../shared/api/certificate-signing-request.ts'
import { invalid } from '../../shared/errors.ts'
import type { Part } from './prepare-update.ts'
import { kindSubject } from './resource.ts'

/** The decision about a certificate request: its Approved and Denied conditions alone. */
export const APPROVAL: Part = {
  subresource: 'approval',
  tracks: () => 'status',
  prepare(kind, object, old) {
    const current = old as CertificateSigningRequest
    const next = withDecision(current, object as CertificateSigningRequest)
    const errors = validateDecision(next, current)
    if (errors.length > 0) throw invalid(kindSubject(kind, next.metadata.name), errors)
    return next
  },
}
