import t from 'tap'
import { controllerRevision as kind } from '../../../shared/api/controller-revision.ts'
import { created, row, shown } from '../../support/kind-objects.ts'

const revision = (content: object, metadata: object = {}) =>
  created(kind, { metadata: { name: 'r', ...metadata }, ...content })

t.test('validation', async (t) => {
  t.same(kind.validate(revision({ data: { spec: {} }, revision: 0 })), [])
  t.same(shown(kind.validate(revision({ revision: -1 }))), [
    'data: Required value: data is mandatory',
    'revision: Invalid value: -1: must be greater than or equal to 0',
  ])
  const old = revision({ data: { a: 1 }, revision: 1 })
  t.same(kind.validateUpdate?.(revision({ data: { a: 1 }, revision: 2 }), old), [])
  t.same(shown(kind.validateUpdate?.(revision({ data: { a: 2 }, revision: 1 }), old) ?? []), [
    'data: Invalid value: {"a":2}: field is immutable',
  ])
})

t.test('columns', async (t) => {
  const owner = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'ssd-monitor', uid: 'u', controller: true }
  t.match(row(kind, revision({ data: {}, revision: 3 }, { ownerReferences: [owner] })), {
    Controller: 'daemonset.apps/ssd-monitor',
    Revision: 3,
  })
  t.equal(row(kind, revision({ data: {} })).Controller, '<none>')
})
