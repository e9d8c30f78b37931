import { ApiError, notFound } from '../../shared/errors.ts'
import { type AdmissionPlugin, type AdmissionRequest, type AdmissionWorld, refuse } from './admission.ts'

/** Namespaces that the system cannot do without. */
const IMMORTAL = new Set(['default', 'kube-system', 'kube-public'])

function isTerminating(request: AdmissionRequest, namespace: string): ApiError {
  const { code, reason, message, details } = refuse(
    request,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
  )
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${namespace} is being terminated`,
    field: 'metadata.namespace',
  }
  return new ApiError(code, reason, message, { ...details, causes: [cause] })
}

function checkExists(request: AdmissionRequest, { namespace: find }: AdmissionWorld) {
  if (request.namespace === undefined || request.operation === 'delete') return
  const namespace = find(request.namespace)
  if (namespace === undefined) throw notFound({ group: '', resource: 'namespaces', name: request.namespace })
  const terminating = namespace.metadata.deletionTimestamp !== undefined || namespace.status?.phase === 'Terminating'
  if (request.operation === 'create' && terminating) throw isTerminating(request, request.namespace)
}

/** Objects live in namespaces that exist; nothing new comes into one that is going; some namespaces never go. */
export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  admit(request, world) {
    const { operation, kind, name } = request
    if (operation === 'delete' && kind.group === '' && kind.kind === 'Namespace' && IMMORTAL.has(name))
      throw refuse(request, 'this namespace may not be deleted')
    checkExists(request, world)
  },
}
