/** What a certificate says of itself, read without the large library that makes certificates. */
import { createHash, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'

/** Whether a server's certificate, PEM, names all of these hosts and addresses. */
export function namesAll(certificate: string, hosts: readonly string[]): boolean {
  const read = new X509Certificate(certificate)
  const names = (host: string) =>
    (isIP(host) === 0 ? read.checkHost(host, { subject: 'never' }) : read.checkIP(host)) !== undefined
  return hosts.every(names)
}

/** From when until when a certificate, PEM, is good. */
export function validityOf(certificate: string): { fromMs: number; untilMs: number } {
  const { validFromDate, validToDate } = new X509Certificate(certificate)
  return { fromMs: validFromDate.getTime(), untilMs: validToDate.getTime() }
}

/** How much of a certificate's life is left: from 1, when it begins, to 0 and below, when it is over. */
export function lifeLeft(certificate: string, nowMs: number): number {
  const { fromMs, untilMs } = validityOf(certificate)
  return (untilMs - nowMs) / (untilMs - fromMs)
}

/** An authority's pin (kubeadm's `--discovery-token-ca-cert-hash`): the SHA-256 of its public key, which survives its renewal. */
export function pinOf(certificate: string | Buffer): string {
  const key = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' })
  return `sha256:${createHash('sha256').update(key).digest('hex')}`
}
