/**
 * Approves what kubelets ask for, by rule. Client certificates as upstream: whoever asks needs the right to. Serving
 * certificates beyond upstream, where a person must: a node gets one for its own name and addresses. And beyond upstream
 * as well, nobody becomes a node that lives by a token for joining.
 */
import type { CertificateSigningRequest } from '../../shared/api/certificate-signing-request.ts'
import type { Node } from '../../shared/api/node/node.ts'
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
  mayTakeOver,
  NODE_PREFIX,
  ownAddresses,
  refusalOf,
  servesOnlyItself,
  signers,
} from './signers.ts'

const NAME = 'certificatesigningrequest-approving-controller'
const WORKERS = 1
const REVIEWS = '/apis/authorization.k8s.io/v1/subjectaccessreviews'

interface Verdict {
  type: 'Approved' | 'Denied'
  reason: string
  message: string
}

const APPROVED: Verdict = {
  type: 'Approved',
  reason: 'AutoApproved',
  message: 'Auto approving a kubelet certificate: who asks may have it.',
}
const denied = (message: string): Verdict => ({ type: 'Denied', reason: 'NodeIsReady', message })

const isReady = ({ status }: Node) =>
  status.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true

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

  const mayAsk = async (request: CertificateSigningRequest, asked: ReadRequest): Promise<boolean> => {
    for (const right of approvalRights(request.spec, asked)) if (await mayHave(client, request, right)) return true
    return false
  }

  /** What to say of a request; undefined: it is for a person to decide. */
  async function verdictOn(request: CertificateSigningRequest, asked: ReadRequest): Promise<Verdict | undefined> {
    const { spec } = request
    const signer = signers[spec.signerName]
    if (signer === undefined || refusalOf(signer, spec, asked) !== undefined) return undefined
    const name = asked.commonName.slice(NODE_PREFIX.length)
    if (spec.signerName === KUBELET_SERVING) {
      const others = nodes.store.list().filter(({ metadata }) => metadata.name !== name)
      return servesOnlyItself(asked, new Set(others.flatMap(ownAddresses))) ? APPROVED : undefined
    }
    if (spec.signerName !== KUBELET_CLIENT || !(await mayAsk(request, asked))) return undefined
    const node = mayTakeOver(spec) ? undefined : nodes.store.get(name)
    if (node === undefined || !isReady(node)) return APPROVED
    return denied(`there is a node ${name} that is Ready: choose another name, or end that node first`)
  }

  const sync: Sync = async (name) => {
    const request = requests.store.get(name)
    if (request === undefined || isDecided(request)) return DONE
    const asked = await readRequestOf(request)
    const verdict = asked === undefined ? undefined : await verdictOn(request, asked)
    if (verdict === undefined) return DONE
    const time = toTime(clock.nowMs())
    const condition = { ...verdict, status: 'True' as const, lastUpdateTime: time, lastTransitionTime: time }
    const conditions = [...(request.status.conditions ?? []), condition]
    const decided = { ...request, status: { ...request.status, conditions } }
    await client.update(certificateSigningRequests, decided, { subresource: 'approval' })
    const { type, message } = verdict
    logger.info(
      { request: name, user: request.spec.username, type, reason: message },
      'Certificate request was decided',
    )
    return DONE
  }
  await runController({ name: NAME, queue, sync, workers: WORKERS, logger, signal })
}
