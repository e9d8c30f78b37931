/** One certificate of a node, in its file. */
import { namesAll, validityOf } from '../../shared/certificates/certificate-facts.ts'
import type { SigningSubject } from '../../shared/certificates/signing-request.ts'
import type { Client } from '../../shared/client/client.ts'
import { readFileIfThere, writePrivateFile } from '../../shared/private-files.ts'
import { type Certificate, type CertificateKind, type ObtainDeps, obtainCertificate } from './obtain-certificate.ts'

/** A certificate is renewed at a point of its life between these shares, so that nodes do not all come at once. */
const RENEW_FROM = 0.7
const RENEW_UNTIL = 0.9

const KEY_BEGINS = '-----BEGIN PRIVATE KEY-----'

export interface KeptCertificate {
  /** What the file holds, unless it has expired or speaks of other addresses. */
  read(): Promise<Certificate | undefined>
  /** A new one, written to the file before it is handed out. Throws CertificateRefused. */
  obtain(client: Client, signal: AbortSignal): Promise<Certificate>
}

export function keepCertificate(
  path: string,
  { kind, subject, clock, logger }: Omit<ObtainDeps, 'client'> & { kind: CertificateKind; subject: SigningSubject },
): KeptCertificate {
  return {
    async read() {
      const text = await readFileIfThere(path)
      if (text === undefined) return undefined
      const keyAt = text.indexOf(KEY_BEGINS)
      const kept = { certificate: text.slice(0, keyAt), key: text.slice(keyAt) }
      const isValid = validityOf(kept.certificate).untilMs > clock.nowMs()
      return isValid && namesAll(kept.certificate, subject.hosts) ? kept : undefined
    },

    async obtain(client, signal) {
      const obtained = await obtainCertificate({ client, clock, logger }, { kind, subject }, signal)
      await writePrivateFile(path, `${obtained.certificate.trimEnd()}\n${obtained.key}`)
      logger.info({ signerName: kind.signerName }, 'A certificate was signed')
      return obtained
    },
  }
}

/** When a certificate is to be renewed. `random` is from 0 to 1. */
export function renewalDueMs({ certificate }: Certificate, random: number): number {
  const { fromMs, untilMs } = validityOf(certificate)
  return fromMs + (untilMs - fromMs) * (RENEW_FROM + (RENEW_UNTIL - RENEW_FROM) * random)
}
