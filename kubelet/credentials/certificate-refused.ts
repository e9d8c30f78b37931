/** The cluster will not sign: only somebody who changes its rules, or asks for something else, can help. */
export class CertificateRefused extends Error {
  override readonly name = 'CertificateRefused'
}
