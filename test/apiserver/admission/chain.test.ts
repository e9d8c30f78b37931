/** The admission plugins by tables: a request, what the server knows, and what becomes of the object. */
import t from 'tap'
import type { AdmissionRequest, AdmissionWorld } from '../../../apiserver/admission/admission.ts'
import { admit } from '../../../apiserver/admission/chain.ts'
import { configMap } from '../../../shared/api/config-map.ts'
import type { KubeObject } from '../../../shared/api/kind.ts'
import { namespace } from '../../../shared/api/namespace.ts'
import { node } from '../../../shared/api/node/node.ts'
import { pod } from '../../../shared/api/pod/pod.ts'
import { type PriorityClass, priorityClass } from '../../../shared/api/priority-class.ts'
import { admissionRequest, admissionWorld } from './world.ts'

const active = { metadata: { name: 'ns' }, status: { phase: 'Active' } }
const terminating = { metadata: { name: 'ns', deletionTimestamp: '2026-01-01T00:00:00Z' }, status: {} }

const priorityClasses = [
  { metadata: { name: 'system-node-critical' }, value: 2_000_001_000, preemptionPolicy: 'PreemptLowerPriority' },
  { metadata: { name: 'patient' }, value: 50, preemptionPolicy: 'Never' },
] as unknown as PriorityClass[]

const world = (found: object | undefined = active, classes = priorityClasses): AdmissionWorld =>
  admissionWorld({
    namespace: () => found as ReturnType<AdmissionWorld['namespace']>,
    priorityClass: (name) => classes.find(({ metadata }) => metadata.name === name),
    priorityClasses: () => classes,
  })

const request = (kind: unknown, extra: Partial<AdmissionRequest>) => admissionRequest(kind, extra)

const object = (spec: object, metadata: object = { name: 'x' }) => ({ metadata, spec }) as unknown as KubeObject
const inNamespace = (operation: AdmissionRequest['operation'], extra: Partial<AdmissionRequest> = {}) =>
  request(configMap, { operation, namespace: 'ns', object: object({}), ...extra })

t.test('NamespaceLifecycle', async (t) => {
  const refused: [title: string, request: AdmissionRequest, world: AdmissionWorld, message: RegExp | string][] = [
    [
      'a namespace that is not there',
      inNamespace('create'),
      { ...world(), namespace: () => undefined },
      'namespaces "ns" not found',
    ],
    [
      'an update in one that is not there',
      inNamespace('update'),
      { ...world(), namespace: () => undefined },
      'namespaces "ns" not found',
    ],
    [
      'a create in one that terminates',
      inNamespace('create', { name: '', object: object({}, { generateName: 'g-' }) }),
      world(terminating),
      'configmaps "g-" is forbidden: unable to create new content in namespace ns because it is being terminated',
    ],
    ...['default', 'kube-system', 'kube-public'].map(
      (name) =>
        [
          `deleting ${name}`,
          request(namespace, { operation: 'delete', name }),
          world(),
          `namespaces "${name}" is forbidden: this namespace may not be deleted`,
        ] as [string, AdmissionRequest, AdmissionWorld, string],
    ),
  ]
  for (const [title, request, world, message] of refused) t.throws(() => admit(request, world), { message }, title)

  const allowed: [title: string, request: AdmissionRequest, world: AdmissionWorld][] = [
    ['a create', inNamespace('create'), world()],
    ['an update in one that terminates', inNamespace('update'), world(terminating)],
    ['a delete in one that is not there', inNamespace('delete'), { ...world(), namespace: () => undefined }],
    ['deleting another namespace', request(namespace, { operation: 'delete', name: 'mine' }), world()],
  ]
  for (const [title, request, world] of allowed) t.doesNotThrow(() => admit(request, world), title)
})

const notReady = { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }
const unreachable = {
  key: 'node.kubernetes.io/unreachable',
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 6,
}
const filledIn = {
  serviceAccountName: 'default',
  serviceAccount: 'default',
  priority: 0,
  preemptionPolicy: 'PreemptLowerPriority',
  tolerations: [notReady, unreachable],
}

t.test('new pods', async (t) => {
  const own = { key: 'node.kubernetes.io/not-ready', operator: 'Exists' }
  const everything = { operator: 'Exists' }
  const cases: [title: string, spec: object, wanted: object][] = [
    ['everything filled in', {}, filledIn],
    ['its own account', { serviceAccountName: 'me' }, { ...filledIn, serviceAccountName: 'me', serviceAccount: 'me' }],
    [
      'the account’s old name',
      { serviceAccount: 'me' },
      { ...filledIn, serviceAccountName: 'me', serviceAccount: 'me' },
    ],
    ['a toleration of its own', { tolerations: [own] }, { ...filledIn, tolerations: [own, unreachable] }],
    ['a toleration of everything', { tolerations: [everything] }, { ...filledIn, tolerations: [everything] }],
    [
      'a toleration of another effect',
      { tolerations: [{ ...own, effect: 'NoSchedule' }] },
      { ...filledIn, tolerations: [{ ...own, effect: 'NoSchedule' }, notReady, unreachable] },
    ],
    [
      'a system class',
      { priorityClassName: 'system-node-critical' },
      { ...filledIn, priorityClassName: 'system-node-critical', priority: 2_000_001_000 },
    ],
  ]
  for (const [title, spec, wanted] of cases) {
    const made = object({ ...spec })
    admit(request(pod, { namespace: 'ns', object: made }), world())
    t.strictSame((made as unknown as { spec: object }).spec, wanted, title)
  }
  const refused: [spec: object, message: string][] = [
    [{ priorityClassName: 'urgent' }, 'pods "x" is forbidden: no PriorityClass with name urgent was found'],
    [
      { priority: 7 },
      'pods "x" is forbidden: the integer value of priority (7) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name',
    ],
  ]
  for (const [spec, message] of refused)
    t.throws(() => admit(request(pod, { namespace: 'ns', object: object(spec) }), world()), { message })
})

t.test('updated pods keep their priority; a status is left alone', async (t) => {
  const updated = object({ tolerations: [notReady, unreachable] })
  admit(request(pod, { operation: 'update', namespace: 'ns', object: updated, old: object({ priority: 9 }) }), world())
  t.match(updated, { spec: { priority: 9, tolerations: [notReady, unreachable] } })
  const status = object({})
  admit(
    request(pod, { operation: 'update', subresource: 'status', namespace: 'ns', object: status, old: status }),
    world(),
  )
  t.strictSame(status, object({}))
})

t.test('new nodes take no pods yet', async (t) => {
  const taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }
  const made = { metadata: { name: 'x' } } as unknown as KubeObject
  admit(request(node, { object: made }), world())
  t.match(made, { spec: { taints: [taint] } })
  admit(request(node, { object: made }), world())
  t.match(made, { spec: { taints: { length: 1 } } }, 'once')
})

const asDefault = (name: string, value: number) =>
  ({ metadata: { name }, value, globalDefault: true, preemptionPolicy: 'Never' }) as unknown as PriorityClass

t.test('priority classes', async (t) => {
  const admitted = (spec: object, classes?: PriorityClass[]) => {
    const created = object(spec)
    admit(request(pod, { namespace: 'ns', object: created }), world(active, classes))
    return (created as unknown as { spec: object }).spec
  }
  t.match(admitted({ priorityClassName: 'patient' }), { priority: 50, preemptionPolicy: 'Never' })
  t.match(
    admitted({}, [asDefault('usual', 7), asDefault('late', 8)]),
    { priorityClassName: 'usual', priority: 7, preemptionPolicy: 'Never' },
    'the least of several defaults counts',
  )
  t.throws(() => admitted({ priorityClassName: 'patient', preemptionPolicy: 'PreemptLowerPriority' }), {
    message:
      'pods "x" is forbidden: the string value of PreemptionPolicy (PreemptLowerPriority) must not be provided in pod spec; priority admission controller computed Never from the given PriorityClass name',
  })

  const write = (name: string, extra: Partial<AdmissionRequest>) => () =>
    admit(request(priorityClass, { name, ...extra }), world(active, [...priorityClasses, asDefault('usual', 7)]))
  t.throws(write('other', { object: asDefault('other', 1) }), {
    message:
      'priorityclasses.scheduling.k8s.io "other" is forbidden: PriorityClass usual is already marked as default. Only one default can exist',
  })
  t.doesNotThrow(write('usual', { operation: 'update', object: asDefault('usual', 7) }))
  t.doesNotThrow(write('patient', { operation: 'delete' }))
  t.throws(write('system-node-critical', { operation: 'delete' }), {
    message:
      'priorityclasses.scheduling.k8s.io "system-node-critical" is forbidden: this is a system priority class and cannot be deleted',
  })
})
