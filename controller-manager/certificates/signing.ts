/** Signs what was approved, for the cluster's own signers, with the authority's key. */
import { readFile } from 'node:fs/promises'
import type { CertificateSigningRequest } from '../../shared/api/certificate-signing-request.ts'
import type { Authority } from '../../shared/certificates/authority.ts'
import { certificateSigningRequests } from '../../shared/client/resources.ts'
import { toTime } from '../../shared/clock.ts'
import { DONE } from '../../shared/controller/plan.ts'
import { runController, type Sync } from '../../shared/controller/run-controller.ts'
import { createWorkQueue } from '../../shared/controller/work-queue.ts'
import type { StartController } from '../context.ts'
import { hasCondition, readRequestOf } from './requests.ts'
import { refusalOf, signers } from './signers.ts'

const NAME = 'certificatesigningrequest-signing-controller'
const WORKERS = 1
const DAY_MS = 24 * 3_600_000

/** The authority, from its files as they are now: whoever renews it needs to restart nothing. */
async function loadSigner(certificateFile: string, keyFile: string): Promise<Authority> {
  const { loadAuthority } = await import('../../shared/certificates/authority.ts')
  const [certificate, key] = await Promise.all([readFile(certificateFile, 'utf8'), readFile(keyFile, 'utf8')])
  return loadAuthority({ certificate, key })
}

const isWaiting = (request: CertificateSigningRequest) =>
  hasCondition(request, 'Approved') &&
  !hasCondition(request, 'Denied') &&
  !hasCondition(request, 'Failed') &&
  (request.status.certificate ?? '') === ''

export const startCertificateSigning: StartController = async (context) => {
  const { client, clock, informers, logger, options, signal } = context
  const certificateFile = options['cluster-signing-cert-file']
  const keyFile = options['cluster-signing-key-file']
  if (certificateFile === undefined || keyFile === undefined) {
    logger.info('No certificates are signed: --cluster-signing-cert-file and --cluster-signing-key-file are not given')
    return
  }
  const requests = informers.get(certificateSigningRequests)
  await requests.synced
  const queue = createWorkQueue({ clock })
  const enqueue = ({ metadata }: CertificateSigningRequest) => queue.add(metadata.name)
  requests.subscribe({ add: enqueue, update: (_old, request) => enqueue(request) })

  async function sign(request: CertificateSigningRequest): Promise<CertificateSigningRequest['status']> {
    const signer = signers[request.spec.signerName]!
    const asked = await readRequestOf(request)
    const refusal = asked === undefined ? 'the request cannot be read' : refusalOf(signer, request.spec, asked)
    if (asked === undefined || refusal !== undefined) {
      const time = toTime(clock.nowMs())
      const failure = { type: 'Failed', status: 'True' as const, reason: 'SignerValidationFailure', message: refusal! }
      const times = { lastUpdateTime: time, lastTransitionTime: time }
      return { ...request.status, conditions: [...(request.status.conditions ?? []), { ...failure, ...times }] }
    }
    const longestMs = options['cluster-signing-duration']
    const wantedMs = (request.spec.expirationSeconds ?? Number.POSITIVE_INFINITY) * 1_000
    const authority = await loadSigner(certificateFile!, keyFile!)
    const { commonName, organizations, hosts, publicKey } = asked
    const certificate = await authority.sign(publicKey, {
      commonName,
      organizations,
      hosts,
      usages: [signer.usage],
      days: Math.min(longestMs, wantedMs) / DAY_MS,
    })
    return { ...request.status, certificate: Buffer.from(`${certificate.trimEnd()}\n`).toString('base64') }
  }

  const sync: Sync = async (name) => {
    const request = requests.store.get(name)
    if (request === undefined || !isWaiting(request) || signers[request.spec.signerName] === undefined) return DONE
    const status = await sign(request)
    await client.update(certificateSigningRequests, { ...request, status }, { subresource: 'status' })
    const { signerName, username } = request.spec
    if (status.certificate === undefined)
      logger.warn({ request: name, signerName, user: username }, 'Certificate request was not signed')
    else logger.info({ request: name, signerName, user: username }, 'Certificate was signed')
    return DONE
  }
  await runController({ name: NAME, queue, sync, workers: WORKERS, logger, signal })
}
