import t from 'tap'
import { createFailedPodBackOff } from '../../../controller-manager/daemonset/failed-pod-back-off.ts'
import { daemonSetStatus, statusPatch } from '../../../controller-manager/daemonset/status.ts'
import type { DaemonSet } from '../../../shared/api/daemon-set.ts'
import type { Pod } from '../../../shared/api/pod/pod.ts'
import { node } from '../objects.ts'
import { daemon, daemonSet, NOW_MS, plan, revisionOf } from './world.ts'

const podSpec = { nodeSelector: { disk: 'ssd' } } as Partial<Pod['spec']>
const set = daemonSet({ podSpec, minReadySeconds: 30 })
const before = daemonSet({ podSpec, image: 'v0' })
const labels = { disk: 'ssd' }
const nodes = [...['n1', 'n2', 'n3', 'n4'].map((name) => node(name, { labels })), node('n5')]

function statusOf(set: DaemonSet, pods: Pod[], isObserved = true) {
  const { hash, byNode, placementOn } = plan(set, { nodes, pods, revisions: [revisionOf(set)] })
  return daemonSetStatus(set, { nodes, byNode, placementOn, hash, isObserved, nowMs: NOW_MS })
}

t.test('the counts', async (t) => {
  const pods = [
    daemon('available', set, { node: 'n1' }),
    daemon('ready', set, { node: 'n2', readySince: 80 }),
    daemon('old', before, { node: 'n3' }),
    daemon('astray', set, { node: 'n5' }),
  ]
  const status = statusOf(set, pods)
  t.same(status, {
    desiredNumberScheduled: 4,
    currentNumberScheduled: 3,
    numberReady: 3,
    numberAvailable: 2,
    numberUnavailable: 2,
    updatedNumberScheduled: 2,
    numberMisscheduled: 1,
    observedGeneration: 1,
  })
  t.equal(statusOf(set, pods, false).observedGeneration, 0, 'what is not done is not observed')
  t.same(statusPatch(set, status), {
    status: {
      desiredNumberScheduled: 4,
      currentNumberScheduled: 3,
      numberReady: 3,
      numberAvailable: 2,
      numberUnavailable: 2,
      updatedNumberScheduled: 2,
      numberMisscheduled: 1,
      observedGeneration: 1,
    },
  })
  const settled = { ...set, status }
  t.equal(statusPatch(settled, status), undefined)
  t.same(statusPatch(settled, statusOf(set, [])), {
    status: {
      currentNumberScheduled: 0,
      numberReady: 0,
      numberAvailable: null,
      numberUnavailable: 4,
      updatedNumberScheduled: null,
      numberMisscheduled: 0,
    },
  })
})

t.test('the back-off of failed pods', async (t) => {
  const backOff = createFailedPodBackOff()
  t.equal(backOff.remainingMs('uid', 'n1', 0), 0, 'the first is replaced at once')
  backOff.replaced('uid', 'n1', 0)
  t.equal(backOff.remainingMs('uid', 'n1', 400), 600)
  t.equal(backOff.remainingMs('uid', 'n2', 400), 0, 'each node by itself')
  backOff.replaced('uid', 'n1', 1_000)
  t.equal(backOff.remainingMs('uid', 'n1', 1_000), 2_000)
  for (let turn = 0; turn < 20; turn++) backOff.replaced('uid', 'n1', 1_000)
  t.equal(backOff.remainingMs('uid', 'n1', 1_000), 15 * 60_000)
  backOff.replaced('uid', 'n1', 3_600_000)
  t.equal(backOff.remainingMs('uid', 'n1', 3_600_000), 1_000, 'after a good while it begins anew')
  backOff.forget('uid')
  t.equal(backOff.remainingMs('uid', 'n1', 3_600_000), 0)
})
