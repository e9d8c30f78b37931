import type { Pod } from '../../shared/api/pod/pod.ts'
import type { TokenRequest } from '../../shared/api/reviews/token-request.ts'
import { forbidden } from '../../shared/errors.ts'
import type { Identity } from '../auth/identity.ts'
import { nodeNameOf } from '../auth/node/node-identity.ts'

/** Audiences for which a pod asks in its volumes; empty for this server. */
const audiencesOf = ({ spec }: Pod): string[] =>
  (spec.volumes ?? [])
    .flatMap(({ projected }) => projected?.sources ?? [])
    .flatMap(({ serviceAccountToken: token }) => (token === undefined ? [] : [token.audience ?? '']))

/** NodeRestriction for tokens: a kubelet gets those of the pods that run on its node, and for whom these want them. */
export function checkTokenOfNode({
  identity,
  target,
  spec,
  pod,
}: {
  identity: Identity
  target: { name: string }
  spec: TokenRequest['spec']
  /** The pod that the token is to be bound to, if it is there. */
  pod: Readonly<Pod> | undefined
}): void {
  const node = nodeNameOf(identity)
  if (node === undefined) return
  const refuse = (detail: string) => forbidden({ group: '', resource: 'serviceaccounts', name: target.name }, detail)
  const { boundObjectRef: reference, audiences } = spec
  if (reference === undefined || reference.apiVersion !== 'v1' || reference.kind !== 'Pod' || !reference.name)
    throw refuse('node requested token not bound to a pod')
  if (!reference.uid) throw refuse('node requested token with a pod binding without a uid')
  if (pod === undefined || pod.metadata.uid !== reference.uid)
    throw refuse(`the UID in the bound object reference (${reference.uid}) does not match the UID in record`)
  if (pod.spec.nodeName !== node) throw refuse('node requested token bound to a pod scheduled on a different node')
  const wanted = audiencesOf(pod)
  const stray = audiences.find((audience) => !wanted.includes(audience))
  if (stray !== undefined) throw refuse(`audience ${JSON.stringify(stray)} not found in pod spec volume`)
}
