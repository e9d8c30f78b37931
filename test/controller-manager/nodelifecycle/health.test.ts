import t from 'tap'
import { observe } from '../../../controller-manager/nodelifecycle/health.ts'
import type { Lease } from '../../../shared/api/lease.ts'
import { at, meta, node } from '../objects.ts'

const lease = (renewTime: string): Lease => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: meta('n', { namespace: 'kube-node-lease' }),
  spec: { renewTime },
})
const heard = (heartbeat: number) =>
  node('n', { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: at(heartbeat) }] })

t.test('a sign of life is a change of the lease or the heartbeat, seen by our clock', async (t) => {
  const first = observe(undefined, { node: heard(1), lease: undefined, nowMs: 10 })
  t.equal(first.seenMs, 10)
  t.equal(observe(first, { node: heard(1), lease: undefined, nowMs: 20 }), first, 'nothing new')
  const renewed = observe(first, { node: heard(1), lease: lease(at(-9_999)), nowMs: 30 })
  t.equal(renewed.seenMs, 30, 'whatever the clock of the node says')
  t.equal(observe(renewed, { node: heard(1), lease: lease(at(-9_999)), nowMs: 40 }).seenMs, 30)
  t.equal(observe(renewed, { node: heard(2), lease: lease(at(-9_999)), nowMs: 40 }).seenMs, 40)
  const other = heard(1)
  other.metadata.uid = 'other'
  t.equal(observe(first, { node: other, lease: undefined, nowMs: 50 }).seenMs, 50, 'another node of the same name')
})
