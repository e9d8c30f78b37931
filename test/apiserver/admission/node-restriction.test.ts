/** What a kubelet may write of what it is let through to. */
import t from 'tap'
import type { AdmissionRequest } from '../../../apiserver/admission/admission.ts'
import { nodeRestriction } from '../../../apiserver/admission/node-restriction.ts'
import { checkTokenOfNode } from '../../../apiserver/admission/node-token.ts'
import type { KubeObject } from '../../../shared/api/kind.ts'
import { lease } from '../../../shared/api/lease.ts'
import { node } from '../../../shared/api/node/node.ts'
import { type Pod, pod } from '../../../shared/api/pod/pod.ts'
import { admissionRequest, admissionWorld } from './world.ts'

const identity = { user: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] }
const object = (metadata: object, spec: object = {}) =>
  ({ metadata: { name: 'n1', ...metadata }, spec }) as unknown as KubeObject
const podOn = (nodeName: string, metadata: object = {}) =>
  object({ name: 'p', uid: 'u', ...metadata }, { nodeName, containers: [] })

t.test('by table', async (t) => {
  const update = (kind: unknown, next: KubeObject, old: KubeObject, extra: Partial<AdmissionRequest> = {}) =>
    admissionRequest(kind, { operation: 'update', name: next.metadata.name, object: next, old, identity, ...extra })
  const create = (kind: unknown, made: KubeObject, extra: Partial<AdmissionRequest> = {}) =>
    admissionRequest(kind, { name: made.metadata.name, object: made, identity, ...extra })
  const mirror = { annotations: { 'kubernetes.io/config.mirror': 'x' } }
  const cases: [title: string, request: AdmissionRequest, message: string | undefined][] = [
    ['its own node', create(node, object({ labels: { 'kubernetes.io/hostname': 'n1', mine: 'yes' } })), undefined],
    [
      'another node',
      create(node, object({ name: 'n2' })),
      'nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"',
    ],
    [
      "another node's status",
      update(node, object({ name: 'n2' }), object({ name: 'n2' }), { subresource: 'status' }),
      'nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"',
    ],
    [
      'a label that others trust',
      create(node, object({ labels: { 'node-role.kubernetes.io/control-plane': '' } })),
      'nodes "n1" is forbidden: is not allowed to set the following labels: node-role.kubernetes.io/control-plane',
    ],
    [
      'a restricted label',
      update(node, object({ labels: { 'node-restriction.kubernetes.io/pci': 'yes' } }), object({})),
      'nodes "n1" is forbidden: is not allowed to modify labels: node-restriction.kubernetes.io/pci',
    ],
    [
      'taking one away',
      update(node, object({}), object({ labels: { 'x.node-restriction.kubernetes.io/a': 'b' } })),
      'nodes "n1" is forbidden: is not allowed to modify labels: x.node-restriction.kubernetes.io/a',
    ],
    [
      'its taints',
      update(node, object({}, { taints: [] }), object({}, { taints: [{ key: 'a', effect: 'NoSchedule' }] })),
      'nodes "n1" is forbidden: node "n1" is not allowed to modify taints',
    ],
    ['its lease', create(lease, object({}), { namespace: 'kube-node-lease' }), undefined],
    [
      'another lease',
      create(lease, object({ name: 'n2' }), { namespace: 'kube-node-lease' }),
      'leases.coordination.k8s.io "n2" is forbidden: can only access node lease with the same name as the requesting node',
    ],
    [
      'a lease elsewhere',
      create(lease, object({}), { namespace: 'kube-system' }),
      'leases.coordination.k8s.io "n1" is forbidden: can only access leases in the "kube-node-lease" system namespace',
    ],
    ['the status of its pod', update(pod, podOn('n1'), podOn('n1'), { subresource: 'status' }), undefined],
    [
      'the status of another pod',
      update(pod, podOn('n2'), podOn('n2'), { subresource: 'status' }),
      'pods "p" is forbidden: node "n1" can only update pod status for pods with spec.nodeName set to itself',
    ],
    [
      'labels by the status',
      update(pod, podOn('n1', { labels: { a: 'b' } }), podOn('n1'), { subresource: 'status' }),
      'pods "p" is forbidden: node "n1" cannot update labels through pod status',
    ],
    [
      'its pod itself',
      update(pod, podOn('n1'), podOn('n1')),
      'pods "p" is forbidden: unexpected operation "UPDATE", node "n1" can only update pod status',
    ],
    [
      'deleting its pod',
      admissionRequest(pod, { operation: 'delete', name: 'p', old: podOn('n1'), identity }),
      undefined,
    ],
    [
      'deleting another pod',
      admissionRequest(pod, { operation: 'delete', name: 'p', old: podOn('n2'), identity }),
      'pods "p" is forbidden: node "n1" can only delete pods with spec.nodeName set to itself',
    ],
    [
      'evicting another pod',
      update(pod, podOn('n2'), podOn('n2'), { subresource: 'eviction' }),
      'pods "p" is forbidden: node "n1" can only evict pods with spec.nodeName set to itself',
    ],
    [
      'a pod',
      create(pod, podOn('n1')),
      'pods "p" is forbidden: pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only create mirror pods',
    ],
    ['a mirror pod', create(pod, podOn('n1', mirror)), undefined],
    [
      'a mirror pod elsewhere',
      create(pod, podOn('n2', mirror)),
      'pods "p" is forbidden: node "n1" can only create pods with spec.nodeName set to itself',
    ],
    [
      'somebody who is no node',
      create(node, object({ name: 'n2' }), { identity: { user: 'jane', groups: [] } }),
      undefined,
    ],
  ]
  for (const [title, request, message] of cases) {
    const act = () => nodeRestriction.admit(request, admissionWorld())
    if (message === undefined) t.doesNotThrow(act, title)
    else t.throws(act, { code: 403, message }, title)
  }
})

t.test('tokens', async (t) => {
  const bound = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' }
  const cases: [title: string, spec: object, found: KubeObject | undefined, message: RegExp | undefined][] = [
    ['of its pod', { boundObjectRef: bound }, podOn('n1'), undefined],
    ['of no pod', {}, undefined, /node requested token not bound to a pod/],
    ['without a uid', { boundObjectRef: { ...bound, uid: '' } }, podOn('n1'), /with a pod binding without a uid/],
    ['of another pod', { boundObjectRef: bound }, podOn('n2'), /bound to a pod scheduled on a different node/],
    ['of a pod that is gone', { boundObjectRef: bound }, undefined, /does not match the UID in record/],
    [
      'for somebody else',
      { boundObjectRef: bound, audiences: ['vault'] },
      podOn('n1'),
      /audience "vault" not found in pod spec volume/,
    ],
  ]
  for (const [title, spec, found, message] of cases) {
    const asked = {
      identity,
      target: { name: 'default' },
      spec: { audiences: [], ...spec },
      pod: found as Pod | undefined,
    }
    if (message === undefined) t.doesNotThrow(() => checkTokenOfNode(asked), title)
    else t.throws(() => checkTokenOfNode(asked), { code: 403, message }, title)
  }
})
