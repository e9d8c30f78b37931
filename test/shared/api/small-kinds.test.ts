import t from 'tap'
import { binding } from '../../../shared/api/binding.ts'
import { deleteOptions } from '../../../shared/api/delete-options.ts'
import { builtInKinds } from '../../../shared/api/kinds.ts'
import { lease } from '../../../shared/api/lease.ts'
import { scale } from '../../../shared/api/scale.ts'
import { serviceAccount } from '../../../shared/api/service-account.ts'
import * as resources from '../../../shared/client/resources.ts'
import { created, row, shown } from '../../support/kind-objects.ts'

t.test('Lease', async (t) => {
  const made = (spec?: object) => created(lease, { metadata: { name: 'node-1' }, ...(spec !== undefined && { spec }) })
  const rows: [spec: object | undefined, wanted: string[]][] = [
    [undefined, []],
    [{ holderIdentity: 'node-1', leaseDurationSeconds: 40, renewTime: '2026-01-01T00:00:00.123456Z' }, []],
    [{ leaseDurationSeconds: 0 }, ['spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0']],
    [{ leaseTransitions: -1 }, ['spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0']],
    [{ strategy: 'OldestEmulationVersion', preferredHolder: 'x' }, []],
    [{ strategy: 'Mine' }, ['spec.strategy: Unsupported value: "Mine": supported values: "OldestEmulationVersion"']],
    [{ preferredHolder: 'x' }, ['spec.preferredHolder: Forbidden: may only be specified if `strategy` is defined']],
  ]
  for (const [spec, wanted] of rows) t.same(shown(lease.validate(made(spec))), wanted, JSON.stringify(spec))
  t.same(row(lease, made({ holderIdentity: 'me' })), { Name: 'node-1', Holder: 'me', Age: '<unknown>' })
})

t.test('ServiceAccount', async (t) => {
  const object = created(serviceAccount, { metadata: { name: 'default' }, secrets: [{ name: 'a' }] })
  t.same(row(serviceAccount, object), { Name: 'default', Secrets: 1, Age: '<unknown>' })
})

t.test('Binding', async (t) => {
  const errors = (target: object) =>
    shown(binding.validate({ kind: 'Binding', apiVersion: 'v1', metadata: {} as never, target }))
  t.same(errors({ kind: 'Node', name: 'node-1' }), [])
  t.same(errors({ name: 'node-1' }), [])
  t.same(errors({ kind: 'Pod' }), [
    'target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>"',
    'target.name: Required value',
  ])
})

t.test('Scale', async (t) => {
  const errors = (spec: object) =>
    shown(scale.validate({ kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: {} as never, spec }))
  t.same(errors({}), [])
  t.same(errors({ replicas: -1 }), ['spec.replicas: Invalid value: -1: must be greater than or equal to 0'])
})

t.test('DeleteOptions', async (t) => {
  const errors = (options: object) =>
    shown(deleteOptions.validate({ kind: 'DeleteOptions', apiVersion: 'v1', ...options }))
  t.same(errors({}), [])
  t.same(errors({ propagationPolicy: 'Orphan', dryRun: ['All'] }), [])
  t.same(errors({ propagationPolicy: 'Later', orphanDependents: true, dryRun: ['Some'] }), [
    'propagationPolicy: Invalid value: "Later": orphanDependents and deletionPropagation cannot be both set',
    'propagationPolicy: Unsupported value: "Later": supported values: "Foreground", "Background", "Orphan", "nil"',
    'dryRun: Unsupported value: ["Some"]: supported values: "All"',
  ])
})

t.test('clients know every kind by the names that the server serves it under', async (t) => {
  const namesOf = ({ group, version, kind, plural, namespaced }: (typeof builtInKinds)[number]) =>
    JSON.stringify({ group, version, kind, plural, namespaced })
  const served = builtInKinds.map(namesOf).sort()
  const known = Object.values(resources).map((resource) => namesOf(resource as never))
  t.same(known.sort(), served)
})
