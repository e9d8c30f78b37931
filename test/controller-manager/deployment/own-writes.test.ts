import t from 'tap'
import { createOwnWrites } from '../../../controller-manager/deployment/own-writes.ts'
import type { KubeObject } from '../../../shared/api/kind.ts'
import type { Informer } from '../../../shared/controller/informer.ts'
import { meta } from '../objects.ts'

/** As much of an informer as matters: up to which version it has seen everything. */
const informer = () => {
  let seen = 0
  return {
    see: (version: number) => {
      seen = version
    },
    cache: { hasSeen: (version: string) => seen >= Number(version) } as Informer<KubeObject>,
  }
}
const answer = (resourceVersion: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'X',
  metadata: meta('x', { resourceVersion }),
})

t.test('a key waits until every cache shows its last write', async (t) => {
  const writes = createOwnWrites()
  const [first, second] = [informer(), informer()]
  t.equal(writes.areSeen('a'), true)
  writes.wrote('a', first.cache, answer('5'))
  writes.wrote('a', first.cache, answer('7'))
  writes.wrote('a', second.cache, answer('6'))
  t.equal(writes.areSeen('a'), false)
  t.equal(writes.areSeen('b'), true, 'others do not')
  first.see(7)
  t.equal(writes.areSeen('a'), false)
  second.see(9)
  t.equal(writes.areSeen('a'), true)
})
