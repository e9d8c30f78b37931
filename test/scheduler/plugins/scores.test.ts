import t from 'tap'
import type { Score } from '../../../scheduler/framework.ts'
import { scoreBalancedAllocation } from '../../../scheduler/plugins/score-balanced-allocation.ts'
import { scoreImageLocality } from '../../../scheduler/plugins/score-image-locality.ts'
import { scoreLeastAllocated } from '../../../scheduler/plugins/score-least-allocated.ts'
import { scoreNodeAffinity } from '../../../scheduler/plugins/score-node-affinity.ts'
import { scoreTaints } from '../../../scheduler/plugins/score-taints.ts'
import { cluster, type PodDraft, podInfo } from '../objects.ts'

type Nodes = Parameters<typeof cluster>[0]

/** Scores of node-1, node-2 …; undefined where the pod does not care. */
function scoresOf({ score }: Score, pod: PodDraft, nodes: Nodes) {
  const state = cluster(nodes)
  return score(podInfo(pod), state.nodes, state)
}

t.test('least allocated: the emptier, the better', async (t) => {
  const nodes: Nodes = [
    { allocatable: { cpu: '4', memory: '4Gi' } },
    { allocatable: { cpu: '4', memory: '4Gi' }, pods: [{ requests: { cpu: '2', memory: '1Gi' } }] },
    { allocatable: { cpu: '1', memory: '1Gi' } },
    { allocatable: { cpu: '0', memory: '0' } },
  ]
  t.strictSame(scoresOf(scoreLeastAllocated, { requests: { cpu: '1', memory: '1Gi' } }, nodes), [75, 37, 0, 0])
})

t.test('least allocated: pods that ask for nothing count as well', async (t) => {
  const allocatable = { cpu: '1', memory: '2000Mi' }
  t.strictSame(
    scoresOf(scoreLeastAllocated, {}, [
      { allocatable, pods: [{}, {}] },
      { allocatable, pods: [{}] },
    ]),
    [70, 80],
  )
})

t.test('balanced allocation: the more alike the shares of CPU and memory, the better', async (t) => {
  const allocatable = { cpu: '4', memory: '4Gi' }
  const nodes: Nodes = [
    { allocatable },
    { allocatable, pods: [{ requests: { memory: '2Gi' } }] },
    { allocatable, pods: [{ requests: { cpu: '2' } }] },
    { allocatable: { cpu: '4', memory: '0' } },
  ]
  t.strictSame(scoresOf(scoreBalancedAllocation, { requests: { cpu: '2', memory: '1Gi' } }, nodes), [87, 87, 62, 100])
  t.equal(scoresOf(scoreBalancedAllocation, {}, nodes), undefined, 'a pod that requests neither does not care')
})

t.test('image locality: nodes that have more of the images are better', async (t) => {
  const image = (name: string, megabytes: number) => ({ names: [name], sizeBytes: megabytes * 1024 * 1024 })
  const nodes: Nodes = [
    { images: [image('kubia:latest', 1000)] },
    { images: [image('kubia:latest', 500), image('other:1', 900)] },
    { images: [image('small:1', 20)] },
    {},
  ]
  const using = (...names: string[]): PodDraft => ({
    containers: names.map((name) => ({ name, image: name })) as never,
  })
  t.strictSame(scoresOf(scoreImageLocality, using('kubia'), nodes), [48, 23, 0, 0], 'half of the nodes have it')
  t.strictSame(scoresOf(scoreImageLocality, using('kubia', 'other:1'), nodes), [24, 22, 0, 0])
  t.strictSame(scoresOf(scoreImageLocality, using('small:1'), nodes), [0, 0, 0, 0], 'too small to count')
  t.equal(scoresOf(scoreImageLocality, using('unknown'), nodes), undefined, 'an image that no node has')
})

t.test('preferred node affinity: weights of matching terms are added', async (t) => {
  const prefer = (weight: number, key: string) => ({
    weight,
    preference: { matchExpressions: [{ key, operator: 'Exists' }] },
  })
  const affinity = {
    nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [prefer(10, 'a'), prefer(30, 'b')] },
  }
  const nodes: Nodes = [{ labels: { a: '' } }, { labels: { a: '', b: '' } }, { labels: { b: '' } }, {}]
  t.strictSame(scoresOf(scoreNodeAffinity, { affinity }, nodes), [25, 100, 75, 0])
  t.equal(scoresOf(scoreNodeAffinity, {}, nodes), undefined)
})

t.test('taints: the fewer that are preferably avoided, the better', async (t) => {
  const taint = (key: string, effect = 'PreferNoSchedule') => ({ key, effect })
  const nodes: Nodes = [
    { taints: [taint('a'), taint('b')] },
    { taints: [taint('a'), taint('c', 'NoSchedule')] },
    { taints: [taint('t')] },
  ]
  const tolerations = [{ key: 't', operator: 'Exists' as const }]
  t.strictSame(scoresOf(scoreTaints, { tolerations }, nodes), [0, 50, 100])
  t.strictSame(scoresOf(scoreTaints, { tolerations }, [{}, {}]), [100, 100])
})
