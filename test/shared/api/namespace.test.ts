import t from 'tap'
import { namespace } from '../../../shared/api/namespace.ts'
import { created, decoded, row, shown } from '../../support/kind-objects.ts'

t.test('a new namespace is active, held by its finalizer and labelled with its name', async (t) => {
  const object = created(namespace, { metadata: { name: 'team' }, status: { phase: 'Terminating' } })
  t.same(object, {
    kind: 'Namespace',
    apiVersion: 'v1',
    metadata: { name: 'team', labels: { 'kubernetes.io/metadata.name': 'team' } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  })
  t.same(namespace.validate(object), [])
  t.equal(namespace.isHeld?.(object), true)
})

t.test('an update keeps label and finalizers', async (t) => {
  const old = created(namespace, { metadata: { name: 'team' } })
  const object = decoded(namespace, { metadata: { name: 'team', labels: { a: 'b' } } })
  namespace.prepareForUpdate?.(object, old)
  t.same(object.metadata.labels, { a: 'b', 'kubernetes.io/metadata.name': 'team' })
  t.same(object.spec, { finalizers: ['kubernetes'] })
})

t.test('finalizers are known or qualified', async (t) => {
  const object = decoded(namespace, { metadata: { name: 'team' }, spec: { finalizers: ['a.b/c', 'nope'] } })
  t.same(shown(namespace.validate(object)), [
    'spec.finalizers: Invalid value: "nope": name is neither a standard finalizer name nor is it fully qualified',
  ])
})

t.test('phase and deletion agree', async (t) => {
  const active = created(namespace, { metadata: { name: 'team' } })
  const deleted = structuredClone(active)
  deleted.metadata.deletionTimestamp = '2026-01-01T00:00:00Z'
  namespace.prepareForDelete?.(deleted)
  t.same(namespace.validateStatusUpdate?.(active, active), [])
  t.same(namespace.validateStatusUpdate?.(deleted, active), [])
  t.same(shown(namespace.validateStatusUpdate?.({ ...active, status: deleted.status }, active) ?? []), [
    'status.Phase: Invalid value: "Terminating": may only be \'Active\' if `deletionTimestamp` is empty',
  ])
  t.same(shown(namespace.validateStatusUpdate?.({ ...deleted, status: active.status }, active) ?? []), [
    'status.Phase: Invalid value: "Active": may only be \'Terminating\' if `deletionTimestamp` is not empty',
  ])
})

t.test('columns and fields', async (t) => {
  const object = created(namespace, { metadata: { name: 'team' } })
  t.same(row(namespace, object), { Name: 'team', Status: 'Active', Age: '<unknown>' })
  t.equal(namespace.selectableFields?.['status.phase']?.(object), 'Active')
})
