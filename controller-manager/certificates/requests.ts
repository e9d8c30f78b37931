import type { CertificateSigningRequest } from '../../shared/api/certificate-signing-request.ts'
import type { ReadRequest } from '../../shared/certificates/signing-request.ts'

export const hasCondition = ({ status }: CertificateSigningRequest, type: string): boolean =>
  status.conditions?.some((condition) => condition.type === type) === true

/** Whether somebody has approved or denied a request. */
export const isDecided = (request: CertificateSigningRequest): boolean =>
  hasCondition(request, 'Approved') || hasCondition(request, 'Denied')

/** What a request asks for; undefined where it cannot be read. The library that reads it is loaded when one comes. */
export async function readRequestOf({ spec }: CertificateSigningRequest): Promise<ReadRequest | undefined> {
  const { readSigningRequest } = await import('../../shared/certificates/signing-request.ts')
  try {
    return await readSigningRequest(Buffer.from(spec.request, 'base64').toString())
  } catch {
    // Only its author can mend it; it is denied by a person or removed when it is old.
    return undefined
  }
}
