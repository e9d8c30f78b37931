import t from 'tap'
import { canonicalJson, templateHash } from '../../../controller-manager/pods/template-hash.ts'

t.test('hashes of templates', async (t) => {
  const template = {
    metadata: { labels: { app: 'web', tier: 'x' } },
    spec: { containers: [{ name: 'a', image: 'b' }] },
  }
  const reordered = {
    spec: { containers: [{ image: 'b', name: 'a' }] },
    metadata: { labels: { tier: 'x', app: 'web' } },
  }
  const hash = templateHash(template)
  t.match(hash, /^[bcdfghjklmnpqrstvwxz2456789]{6,10}$/)
  t.equal(templateHash(reordered), hash, 'the order of members does not matter')
  const others = [templateHash(template, 0), templateHash(template, 1), templateHash({ ...template, spec: {} })]
  t.equal(new Set([hash, ...others]).size, 4)
  t.equal(hash, '5f7649cbc8', 'names of existing objects depend on it: it never changes')
})

t.test('canonical JSON', async (t) => {
  t.equal(canonicalJson({ b: [{ d: 1, c: null }], a: undefined }), '{"b":[{"c":null,"d":1}]}')
})
