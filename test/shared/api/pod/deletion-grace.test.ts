import t from 'tap'
import { deletionGraceSeconds } from '../../../../shared/api/pod/deletion-grace.ts'
import type { PodSpec } from '../../../../shared/api/pod/pod.ts'
import { type Partly, podOf } from '../../../support/pods.ts'

type Phase = 'Failed' | 'Pending' | 'Running' | 'Succeeded'

const onNode = (spec: Partly<PodSpec> = {}, phase: Phase = 'Running') =>
  podOf({ spec: { nodeName: 'n', ...spec }, status: { phase } })

const worlds: [title: string, pod: ReturnType<typeof podOf>, requested: number | undefined, wanted: number][] = [
  ['its own period', onNode({ terminationGracePeriodSeconds: 7 }), undefined, 7],
  ['by default 30', onNode(), undefined, 30],
  ['what was asked for', onNode(), 5, 5],
  ['at once when asked', onNode(), 0, 0],
  ['a period of 0', onNode({ terminationGracePeriodSeconds: 0 }), undefined, 0],
  ['a negative period', onNode({ terminationGracePeriodSeconds: -1 }), undefined, 1],
  ['a negative request', onNode(), -5, 1],
  ['without a node', podOf(), 5, 0],
  ['succeeded', onNode({}, 'Succeeded'), 5, 0],
  ['failed', onNode({}, 'Failed'), undefined, 0],
]

for (const [title, pod, requested, wanted] of worlds) {
  t.test(title, async (t) => t.equal(deletionGraceSeconds(pod, requested), wanted))
}
