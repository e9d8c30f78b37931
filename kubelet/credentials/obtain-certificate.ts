/** Asks the cluster to sign a certificate, and waits for it (`certificates.k8s.io/v1`). */

import type { SigningSubject } from '../../shared/certificates/signing-request.ts'
import type { Client } from '../../shared/client/client.ts'
import { certificateSigningRequests } from '../../shared/client/resources.ts'
import { type Clock, delay } from '../../shared/clock.ts'
import { isApiError } from '../../shared/errors.ts'
import type { Logger } from '../../shared/log.ts'
import { CertificateRefused } from './certificate-refused.ts'

/** Waits between two looks at the request, and between tries while the API server is away. */
const RETRY_MIN_MS = 50
const RETRY_MAX_MS = 1_000

export interface CertificateKind {
  /** Upstream's name of whoever signs it. */
  signerName: 'kubernetes.io/kube-apiserver-client-kubelet' | 'kubernetes.io/kubelet-serving'
  usage: 'client auth' | 'server auth'
}

export interface Certificate {
  /** PEM. */
  certificate: string
  /** PEM. */
  key: string
}

export interface ObtainDeps {
  client: Client
  clock: Clock
  logger: Logger
}

/**
 * A certificate with a new key. An API server that is away, and one that has not approved yet, are waited
 * for until the signal aborts. Throws CertificateRefused.
 */
export async function obtainCertificate(
  { client, clock, logger }: ObtainDeps,
  { kind: { signerName, usage }, subject }: { kind: CertificateKind; subject: SigningSubject },
  signal: AbortSignal,
): Promise<Certificate> {
  // Its library is large, and most starts find a certificate on disk.
  const { createSigningRequest } = await import('../../shared/certificates/signing-request.ts')
  const { request, key } = await createSigningRequest(subject)

  const submit = () =>
    client.create(certificateSigningRequests, {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { generateName: 'csr-' },
      spec: { request: Buffer.from(request).toString('base64'), signerName, usages: ['digital signature', usage] },
    })

  /** The certificate, or undefined while nobody has signed it. */
  async function look(name: string): Promise<string | undefined> {
    const { status } = await client.get(certificateSigningRequests, { name })
    const refusal = status?.conditions?.find(({ type }) => type === 'Denied' || type === 'Failed')
    if (refusal !== undefined)
      throw new CertificateRefused(`the certificate request ${name} was refused: ${refusal.message ?? refusal.reason}`)
    return status?.certificate === undefined ? undefined : Buffer.from(status.certificate, 'base64').toString()
  }

  let name: string | undefined
  for (let waitMs = RETRY_MIN_MS; ; waitMs = Math.min(waitMs * 2, RETRY_MAX_MS)) {
    try {
      name ??= (await submit()).metadata.name
      const certificate = await look(name)
      if (certificate !== undefined) return { certificate, key }
      logger.debug({ request: name, signerName }, 'Waiting for a certificate')
    } catch (error) {
      if (!isApiError(error)) throw error
      const isOutage = isApiError(error, 'ServiceUnavailable')
      logger[isOutage ? 'debug' : 'warn']({ error: error.message, signerName }, 'No certificate yet, trying again')
      // A request that nobody has signed is deleted after a while: a new one takes its place.
      if (isApiError(error, 'NotFound')) name = undefined
    }
    await delay(clock, waitMs, signal)
  }
}
