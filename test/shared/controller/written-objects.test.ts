import t from 'tap'
import type { KubeObject } from '../../../shared/api/kind.ts'
import { createWrittenObjects } from '../../../shared/controller/written-objects.ts'

const object = (resourceVersion: string, uid = 'a'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'x', uid, resourceVersion, creationTimestamp: '' },
})

t.test('what was written stands until the cache shows it', async (t) => {
  const written = createWrittenObjects()
  const [first, second, third] = [object('9'), object('10'), object('11')]
  t.equal(written.newest(first), first, 'nothing was written')
  written.put(second)
  t.equal(written.newest(first), second)
  t.equal(written.newest(object('8', 'b')).metadata.resourceVersion, '8', 'another object of the same name')
  const shown = object('10')
  t.equal(written.newest(shown), shown, 'the cache has caught up')
  t.equal(written.newest(first), first, 'and the write is forgotten')
  written.put(third)
  written.forget('a')
  t.equal(written.newest(first), first)
})
