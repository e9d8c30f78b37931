/**
 * Certificate requests (upstream's strategy of the kind, and its plugins CertificateApproval and CertificateSigning): who
 * asks is what authentication says, and only those may decide or sign who have the right for that signer.
 */
import { CERTIFICATES_GROUP, type CertificateSigningRequest } from '../../shared/api/certificate-signing-request.ts'
import { type AdmissionPlugin, type AdmissionRequest, type AdmissionWorld, refuse } from './admission.ts'

/** Writes down who asks; what the client says of that does not count. */
function stamp({ object, identity }: AdmissionRequest): void {
  const { spec } = object as CertificateSigningRequest
  const { user, uid, groups, extra } = identity
  spec.username = user
  spec.groups = [...groups]
  delete spec.uid
  delete spec.extra
  if (uid !== undefined && uid !== '') spec.uid = uid
  if (extra !== undefined && Object.keys(extra).length > 0)
    spec.extra = Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]]))
}

/** The right is for a signer by name, or for all of a domain (`kubernetes.io/*`). */
function checkSigner(request: AdmissionRequest, { authorizer }: AdmissionWorld, verb: 'approve' | 'sign'): void {
  const { identity, old, object } = request
  const { signerName } = ((old ?? object) as CertificateSigningRequest).spec
  const names = [signerName, `${signerName.split('/')[0]}/*`]
  const isAllowed = names.some((name) => {
    const resource = { group: CERTIFICATES_GROUP, plural: 'signers', name }
    return authorizer.authorize({ identity, verb, path: '', resource }).allowed
  })
  if (!isAllowed)
    throw refuse(request, `user not permitted to ${verb} requests with signerName ${JSON.stringify(signerName)}`)
}

const certificateOf = (request: AdmissionRequest['object']) =>
  (request as CertificateSigningRequest | undefined)?.status.certificate

export const certificateRequests: AdmissionPlugin = {
  name: 'CertificateRequests',
  admit(request, world) {
    const { kind, operation, subresource, object, old } = request
    if (kind.group !== CERTIFICATES_GROUP || operation === 'delete') return
    if (operation === 'create') stamp(request)
    else if (subresource === 'approval') checkSigner(request, world, 'approve')
    else if (subresource === 'status' && certificateOf(object) !== certificateOf(old))
      checkSigner(request, world, 'sign')
  },
}
