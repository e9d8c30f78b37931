import t from 'tap'
import { scoreLeastAllocated } from '../../../scheduler/plugins/score-least-allocated.ts'
import { scoreNodeAffinity } from '../../../scheduler/plugins/score-node-affinity.ts'
import { scoreSpreading } from '../../../scheduler/plugins/score-spreading.ts'
import { scoreTaints } from '../../../scheduler/plugins/score-taints.ts'
import { nodeInfos, podInfo } from '../objects.ts'

const rounded = (scores: readonly number[]) => scores.map(Math.round)

t.test('least allocated: the emptier, the better', async (t) => {
  const nodes = nodeInfos(
    { allocatable: { cpu: '4', memory: '4Gi' } },
    { allocatable: { cpu: '4', memory: '4Gi' }, pods: [{ requests: { cpu: '2', memory: '1Gi' } }] },
    { allocatable: { cpu: '1', memory: '1Gi' } },
    { allocatable: { cpu: '0', memory: '0' } },
  )
  const pod = podInfo({ requests: { cpu: '1', memory: '1Gi' } })
  t.strictSame(rounded(scoreLeastAllocated.score(pod, nodes)), [75, 38, 0, 0])
})

t.test('least allocated: pods that ask for nothing count as well', async (t) => {
  const allocatable = { cpu: '1', memory: '2000Mi' }
  const nodes = nodeInfos({ allocatable, pods: [{}, {}] }, { allocatable, pods: [{}] })
  t.strictSame(rounded(scoreLeastAllocated.score(podInfo(), nodes)), [70, 80])
})

t.test('spreading: the fewer pods of the same controller, the better', async (t) => {
  const mine = { owner: 'rc' }
  const nodes = nodeInfos({ pods: [mine, mine] }, { pods: [mine, { owner: 'other' }] }, { pods: [{ owner: 'other' }] })
  t.strictSame(scoreSpreading.score(podInfo(mine), nodes), [0, 50, 100])
  t.strictSame(scoreSpreading.score(podInfo(), nodes), [100, 100, 100], 'a pod without a controller has no preference')
})

t.test('preferred node affinity: weights of matching terms are added', async (t) => {
  const prefer = (weight: number, key: string) => ({
    weight,
    preference: { matchExpressions: [{ key, operator: 'Exists' }] },
  })
  const affinity = {
    nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [prefer(10, 'a'), prefer(30, 'b')] },
  }
  const nodes = nodeInfos({ labels: { a: '' } }, { labels: { a: '', b: '' } }, { labels: { b: '' } }, {})
  t.strictSame(scoreNodeAffinity.score(podInfo({ affinity }), nodes), [25, 100, 75, 0])
  t.strictSame(scoreNodeAffinity.score(podInfo(), nodes), [0, 0, 0, 0])
})

t.test('taints: the fewer that are preferably avoided, the better', async (t) => {
  const taint = (key: string, effect = 'PreferNoSchedule') => ({ key, effect })
  const nodes = nodeInfos(
    { taints: [taint('a'), taint('b')] },
    { taints: [taint('a'), taint('c', 'NoSchedule')] },
    { taints: [taint('t')] },
  )
  const pod = podInfo({ tolerations: [{ key: 't', operator: 'Exists' }] })
  t.strictSame(scoreTaints.score(pod, nodes), [0, 50, 100])
  t.strictSame(scoreTaints.score(pod, nodeInfos({}, {})), [100, 100])
})
