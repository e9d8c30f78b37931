import fc from 'fast-check'
import t from 'tap'
import type { KubeObject } from '../../../shared/api/kind.ts'
import { byController, byOwnerUid, candidatesOf } from '../../../shared/controller/indexes.ts'
import { createStore, keyOf, partsOf } from '../../../shared/controller/store.ts'

const object = (name: string, owners: string[] = [], namespace = 'default'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace,
    uid: `uid-${name}`,
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    ownerReferences: owners.map((uid, index) => ({
      apiVersion: 'v1',
      kind: 'Owner',
      name: uid,
      uid,
      controller: index === 0,
    })),
  },
})

t.test('keys', async (t) => {
  t.equal(keyOf(object('a')), 'default/a')
  t.equal(keyOf({ metadata: { name: 'node-1' } }), 'node-1')
  t.same(partsOf('default/a'), { namespace: 'default', name: 'a' })
  t.same(partsOf('node-1'), { name: 'node-1' })
})

t.test('indexes follow their objects', async (t) => {
  const store = createStore<KubeObject>()
  const names = (objects: KubeObject[]) => objects.map(({ metadata }) => metadata.name).sort()
  store.put(object('a', ['x', 'y']))
  store.addIndexes({ owner: byOwnerUid, controller: byController })
  store.put(object('b', ['x']))
  store.put(object('orphan'))
  store.put(object('elsewhere', [], 'other'))
  t.same(names(store.by('owner', 'x')), ['a', 'b'], 'also what was there before the index')
  t.same(names(store.by('owner', 'y')), ['a'])
  const controller = object('x')
  controller.metadata.uid = 'x'
  t.same(names(candidatesOf(store, controller)), ['a', 'b', 'orphan'], 'its own and the orphans of its namespace')
  store.put(object('a', ['y']))
  t.same(names(store.by('owner', 'x')), ['b'])
  store.delete('default/b')
  t.same(names(store.by('owner', 'x')), [])
  t.equal(store.size, 3)
  t.throws(() => store.by('nope', ''), /no index nope/)
})

t.test('property: an index says what a scan would', async (t) => {
  const owners = fc.uniqueArray(fc.constantFrom('x', 'y', 'z'))
  const step = fc.record({ name: fc.constantFrom('a', 'b', 'c'), owners: fc.option(owners, { nil: undefined }) })
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const store = createStore<KubeObject>()
      store.addIndexes({ owner: byOwnerUid })
      for (const { name, owners } of steps) {
        if (owners === undefined) store.delete(`default/${name}`)
        else store.put(object(name, owners))
      }
      return ['x', 'y', 'z'].every((uid) => {
        const scanned = store.list().filter((item) => byOwnerUid(item).includes(uid))
        return new Set([...scanned, ...store.by('owner', uid)]).size === store.by('owner', uid).length
      })
    }),
  )
  t.pass()
})
