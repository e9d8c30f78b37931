/** Tokens of service accounts on demand: what `kubectl create token` and kubelets ask for. */
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { BoundObjectReference, TokenRequest } from '../../shared/api/reviews/token-request.ts'
import { badRequest, conflict, notFound } from '../../shared/errors.ts'
import { checkTokenOfNode } from '../admission/node-token.ts'
import type { AccountClaims, BoundReference, TokenSigner } from '../auth/service-account/token.ts'
import { type Resource, readNow, subjectOf, type Target, type WriteOptions } from './resource.ts'

/** What tokens can be of and bound to. */
export interface TokenResources {
  serviceAccounts: Resource
  pods: Resource
  secrets: Resource
  nodes: Resource
}

export interface TokenIssuer {
  signer: TokenSigner
  /** Whom a token is meant for that does not say. */
  audiences: readonly string[]
}

async function bound(resource: Resource, target: Target, uid = '') {
  const subject = subjectOf(resource, target.name)
  const found = await readNow(resource, target)
  if (found === undefined) throw notFound(subject)
  const { metadata } = found.object
  if (uid !== '' && uid !== metadata.uid)
    throw conflict(
      subject,
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    )
  return found.object
}

const referenceTo = ({
  metadata: { name, uid = '' },
}: {
  metadata: { name: string; uid?: string }
}): BoundReference => ({
  name,
  uid,
})

/** The pod of a token, and the node where it runs. */
async function boundToPod(
  { pods, nodes }: TokenResources,
  target: Target,
  { uid }: BoundObjectReference,
  account: string,
) {
  const pod = (await bound(pods, target, uid)) as Pod
  if (pod.spec.serviceAccountName !== account)
    throw badRequest(
      `cannot bind token for serviceaccount ${JSON.stringify(account)} to pod running with different serviceaccount name.`,
    )
  const { nodeName } = pod.spec
  const node = nodeName ? nodes.cache.get(nodeName)?.object : undefined
  return { pod: referenceTo(pod), ...(node !== undefined && { node: referenceTo(node) }) }
}

async function boundTo(
  resources: TokenResources,
  { namespace = '', name: account }: Target,
  reference: BoundObjectReference | undefined,
): Promise<Partial<AccountClaims>> {
  if (reference === undefined) return {}
  const { kind = '', apiVersion = '', name = '', uid } = reference
  switch (`${apiVersion}/${kind}`) {
    case 'v1/Pod':
      return boundToPod(resources, { namespace, name }, reference, account)
    case 'v1/Secret':
      return { secret: referenceTo(await bound(resources.secrets, { namespace, name }, uid)) }
    case 'v1/Node':
      return { node: referenceTo(await bound(resources.nodes, { name }, uid)) }
    default:
      throw badRequest(`cannot bind token to object of type ${apiVersion}, Kind=${kind}`)
  }
}

/** A token as it was asked for. Throws ApiErrors: no such account, a pod of another one. */
export async function createToken(
  resources: TokenResources,
  target: Target,
  { request, identity, issuer }: Pick<WriteOptions, 'identity'> & { request: TokenRequest; issuer: TokenIssuer },
): Promise<Pick<TokenRequest, 'spec'> & { status: NonNullable<TokenRequest['status']> }> {
  const { serviceAccounts, pods } = resources
  const { namespace = '' } = target
  const found = await readNow(serviceAccounts, target)
  if (found === undefined) throw notFound(subjectOf(serviceAccounts, target.name))
  const { spec } = request
  const reference = spec.boundObjectRef
  checkTokenOfNode({
    identity,
    target,
    spec,
    pod: pods.cache.get(`${namespace}/${reference?.name ?? ''}`)?.object as Pod,
  })
  const account = {
    namespace,
    serviceaccount: referenceTo(found.object),
    ...(await boundTo(resources, target, reference)),
  }
  const audiences = spec.audiences.length === 0 ? issuer.audiences : spec.audiences
  const expiresMs = Math.floor(serviceAccounts.clock.nowMs() / 1000 + spec.expirationSeconds!) * 1000
  const token = await issuer.signer.sign({ id: serviceAccounts.newUid(), account, audiences, expiresMs })
  const expirationTimestamp = new Date(expiresMs).toISOString().replace('.000Z', 'Z')
  return { spec: { ...spec, audiences: [...audiences] }, status: { token, expirationTimestamp } }
}
