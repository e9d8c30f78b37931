/**
 * A kubelet writes what is its own: its node, its lease, the status of the pods that are bound to it, tokens for them.
 * The node authorizer has let it come this far by kind and verb; this looks at what is written.
 */
import type { KubeObject } from '../../shared/api/kind.ts'
import type { Node } from '../../shared/api/node/node.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import { nodeNameOf } from '../auth/node/node-identity.ts'
import { podReferences } from '../auth/node/pod-references.ts'
import { type AdmissionPlugin, type AdmissionRequest, type AdmissionWorld, refuse } from './admission.ts'

const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror'
const LEASE_NAMESPACE = 'kube-node-lease'

/** Labels below `kubernetes.io` that a kubelet may set on its node. */
const OWN_LABELS = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/arch',
  'kubernetes.io/os',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'failure-domain.beta.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
])
const OWN_LABEL_DOMAINS = ['kubelet.kubernetes.io', 'node.kubernetes.io']

const isIn = (domain: string, parent: string) => domain === parent || domain.endsWith(`.${parent}`)

const domainOf = (label: string) => (label.includes('/') ? label.slice(0, label.indexOf('/')) : '')

function isKubernetesLabel(label: string): boolean {
  const domain = domainOf(label)
  return isIn(domain, 'kubernetes.io') || isIn(domain, 'k8s.io')
}

const isOwnLabel = (label: string) =>
  OWN_LABELS.has(label) || OWN_LABEL_DOMAINS.some((parent) => isIn(domainOf(label), parent))

const labelsOf = (object: KubeObject | undefined) => object?.metadata.labels ?? {}

/** Labels that a write sets, changes or takes away. */
function changedLabels(next: KubeObject, old: KubeObject | undefined): string[] {
  const [now, before] = [labelsOf(next), labelsOf(old)]
  return [...new Set([...Object.keys(now), ...Object.keys(before)])].filter((key) => now[key] !== before[key]).sort()
}

function checkNode(request: AdmissionRequest, node: string): void {
  const { operation, object, old, name, subresource } = request
  const asked = name === '' ? (object?.metadata.name ?? '') : name
  if (asked !== node)
    throw refuse(request, `node ${JSON.stringify(node)} is not allowed to modify node ${JSON.stringify(asked)}`)
  if (operation === 'delete') return
  const wrong = changedLabels(object!, old).filter((label) => isKubernetesLabel(label) && !isOwnLabel(label))
  if (wrong.length > 0) {
    const what = operation === 'create' ? 'set the following labels' : 'modify labels'
    throw refuse(request, `is not allowed to ${what}: ${wrong.join(', ')}`)
  }
  if (operation === 'create' || subresource !== undefined) return
  const taints = (of: KubeObject | undefined) => JSON.stringify((of as Node).spec?.taints ?? [])
  if (taints(object) !== taints(old))
    throw refuse(request, `node ${JSON.stringify(node)} is not allowed to modify taints`)
}

function checkPodCreate(request: AdmissionRequest, node: string): void {
  const pod = request.object as Pod
  const shown = JSON.stringify(node)
  if (pod.metadata.annotations?.[MIRROR_ANNOTATION] === undefined)
    throw refuse(
      request,
      `pod does not have ${JSON.stringify(MIRROR_ANNOTATION)} annotation, node ${shown} can only create mirror pods`,
    )
  if (pod.spec.nodeName !== node)
    throw refuse(request, `node ${shown} can only create pods with spec.nodeName set to itself`)
  if (pod.spec.serviceAccountName)
    throw refuse(request, `node ${shown} can not create pods that reference a service account`)
  const { configmaps, secrets, persistentvolumeclaims } = podReferences(pod)
  for (const [what, names] of Object.entries({ configmaps, secrets, persistentvolumeclaims }))
    if (names.size > 0) throw refuse(request, `node ${shown} can not create pods that reference ${what}`)
}

function checkPod(request: AdmissionRequest, node: string, { pod: find }: AdmissionWorld): void {
  const { operation, subresource, namespace = '', name } = request
  const shown = JSON.stringify(node)
  const pod = (request.old as Pod | undefined) ?? find(namespace, name)
  if (pod !== undefined && pod.spec.nodeName !== node) {
    const what =
      operation === 'delete' ? 'delete pods' : subresource === 'eviction' ? 'evict pods' : 'update pod status for pods'
    throw refuse(request, `node ${shown} can only ${what} with spec.nodeName set to itself`)
  }
  if (operation !== 'update' || subresource === 'eviction') return
  if (subresource !== 'status')
    throw refuse(request, `unexpected operation "UPDATE", node ${shown} can only update pod status`)
  const changed = changedLabels(request.object!, request.old)
  if (changed.length > 0) throw refuse(request, `node ${shown} cannot update labels through pod status`)
}

/** Objects that are named after their node. */
function checkOwn(request: AdmissionRequest, node: string, what: string): void {
  const { name, object, namespace } = request
  const asked = name === '' ? (object?.metadata.name ?? '') : name
  if (namespace !== undefined && namespace !== LEASE_NAMESPACE)
    throw refuse(request, `can only access leases in the "${LEASE_NAMESPACE}" system namespace`)
  if (asked !== node) throw refuse(request, `can only access ${what} with the same name as the requesting node`)
}

export const nodeRestriction: AdmissionPlugin = {
  name: 'NodeRestriction',
  admit(request, world) {
    const node = nodeNameOf(request.identity)
    if (node === undefined) return
    const { group, kind } = request.kind
    switch (`${kind}.${group}`) {
      case 'Node.':
        return checkNode(request, node)
      case 'Pod.':
        return request.operation === 'create' ? checkPodCreate(request, node) : checkPod(request, node, world)
      case 'Lease.coordination.k8s.io':
        return checkOwn(request, node, 'node lease')
      case 'CSINode.storage.k8s.io':
        return checkOwn(request, node, 'CSINode')
    }
  },
}
