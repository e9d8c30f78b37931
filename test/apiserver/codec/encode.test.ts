import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { decodeStored, encodeStored, withRevision } from '../../../apiserver/codec/encode.ts'
import { configMap } from '../../../shared/api/config-map.ts'
import type { KubeObject } from '../../../shared/api/kind.ts'
import { lease } from '../../../shared/api/lease.ts'

const object = {
  data: { a: 'ü' },
  metadata: { resourceVersion: '7', name: 'a', uid: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
  apiVersion: 'v1',
  kind: 'ConfigMap',
}

t.test('the stored form begins alike for all objects of a kind, and has no version', async (t) => {
  const stored = encodeStored(object)
  t.equal(
    stored,
    '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","uid":"1","creationTimestamp":"2026-01-01T00:00:00Z"},"data":{"a":"ü"}}',
  )
  t.equal(object.metadata.resourceVersion, '7', 'the object stays as it is')
})

t.test('clients see the version', async (t) => {
  const bytes = withRevision(encodeStored(object), configMap, 42)
  t.match(bytes.toString(), /^\{"kind":"ConfigMap","apiVersion":"v1","metadata":\{"resourceVersion":"42","name":"a",/)
  t.same(JSON.parse(bytes.toString()), decodeStored(encodeStored(object), 42))
  const stored = encodeStored({ ...object, kind: 'Lease', apiVersion: 'coordination.k8s.io/v1' })
  t.match(withRevision(stored, lease, 1).toString(), '"resourceVersion":"1","name"')
  t.throws(() => withRevision(encodeStored(object), lease, 1), { message: /^not a stored Lease: / })
})

t.test('what is stored comes back', async () => {
  const dictionary = fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }))
  fc.assert(
    fc.property(dictionary, dictionary, fc.nat(), (labels, data, revision) => {
      const before: KubeObject & { data: object } = { ...object, metadata: { ...object.metadata, labels }, data }
      const wanted = structuredClone(before)
      wanted.metadata.resourceVersion = String(revision)
      const stored = encodeStored(before)
      const sent = JSON.parse(withRevision(stored, configMap, revision).toString())
      return isDeepStrictEqual(decodeStored(stored, revision), wanted) && isDeepStrictEqual(sent, wanted)
    }),
  )
})
