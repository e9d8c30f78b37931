/**
 * Approves what kubelets ask for, by rule. Client certificates as upstream: whoever asks needs the right to. Serving
 * certificates beyond upstream, where a person must: a node gets one for its own name and addresses.
 */
import type { CertificateSigningRequest } from '../../shared/api/certificate-signing-request.ts'
import type { ReadRequest } from '../../shared/certificates/signing-request.ts'
import type { Client } from '../../shared/client/client.ts'
import { certificateSigningRequests, nodes as nodeResource } from '../../shared/client/resources.ts'
import { toTime } from '../../shared/clock.ts'
import { DONE } from '../../shared/controller/plan.ts'
import { runController, type Sync } from '../../shared/controller/run-controller.ts'
import { createWorkQueue } from '../../shared/controller/work-queue.ts'
import type { StartController } from '../context.ts'
import { isDecided, readRequestOf } from './requests.ts'
import {
  approvalRights,
  KUBELET_CLIENT,
  KUBELET_SERVING,
  NODE_PREFIX,
  ownAddresses,
  refusalOf,
  servesOnlyItself,
  signers,
} from './signers.ts'

const NAME = 'certificatesigningrequest-approving-controller'
const WORKERS = 1
const REVIEWS = '/apis/authorization.k8s.io/v1/subjectaccessreviews'

/** Whether the one who asks may have such a certificate without a person's approval. */
async function mayHave(client: Client, { spec }: CertificateSigningRequest, subresource: string): Promise<boolean> {
  const { username, uid, groups, extra } = spec
  const review = (await client.request('POST', REVIEWS, {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      user: username,
      uid,
      groups,
      extra,
      resourceAttributes: {
        group: 'certificates.k8s.io',
        resource: 'certificatesigningrequests',
        verb: 'create',
        version: '*',
        subresource,
      },
    },
  })) as { status: { allowed: boolean } }
  return review.status.allowed
}

export const startCertificateApproving: StartController = async ({ client, clock, informers, logger, signal }) => {
  const requests = informers.get(certificateSigningRequests)
  const nodes = informers.get(nodeResource)
  await Promise.all([requests.synced, nodes.synced])
  const queue = createWorkQueue({ clock })
  const enqueue = ({ metadata }: CertificateSigningRequest) => queue.add(metadata.name)
  requests.subscribe({ add: enqueue, update: (_old, request) => enqueue(request) })
  /** An address that one node has given up is free for another, which may have asked before. */
  const enqueueServing = () => {
    for (const request of requests.store.list())
      if (request.spec.signerName === KUBELET_SERVING && !isDecided(request)) enqueue(request)
  }
  nodes.subscribe({
    update(old, current) {
      const kept = ownAddresses(current)
      if (ownAddresses(old).some((address) => !kept.includes(address))) enqueueServing()
    },
    delete: enqueueServing,
  })

  async function isApproved(request: CertificateSigningRequest, asked: ReadRequest): Promise<boolean> {
    const signer = signers[request.spec.signerName]
    if (signer === undefined || refusalOf(signer, request.spec, asked) !== undefined) return false
    if (request.spec.signerName === KUBELET_SERVING) {
      const others = nodes.store.list().filter(({ metadata }) => `${NODE_PREFIX}${metadata.name}` !== asked.commonName)
      return servesOnlyItself(asked, new Set(others.flatMap(ownAddresses)))
    }
    if (request.spec.signerName !== KUBELET_CLIENT) return false
    for (const right of approvalRights(request.spec, asked)) if (await mayHave(client, request, right)) return true
    return false
  }

  const sync: Sync = async (name) => {
    const request = requests.store.get(name)
    if (request === undefined || isDecided(request)) return DONE
    const asked = await readRequestOf(request)
    if (asked === undefined || !(await isApproved(request, asked))) return DONE
    const time = toTime(clock.nowMs())
    const decision = {
      type: 'Approved',
      status: 'True' as const,
      reason: 'AutoApproved',
      message: 'Auto approving a kubelet certificate: who asks may have it.',
      lastUpdateTime: time,
      lastTransitionTime: time,
    }
    const conditions = [...(request.status.conditions ?? []), decision]
    const approved = { ...request, status: { ...request.status, conditions } }
    await client.update(certificateSigningRequests, approved, { subresource: 'approval' })
    logger.info({ request: name, user: request.spec.username }, 'Certificate request was approved')
    return DONE
  }
  await runController({ name: NAME, queue, sync, workers: WORKERS, logger, signal })
}
