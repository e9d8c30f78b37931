import t from 'tap'
import { newSetAnnotations, REVISION, REVISION_HISTORY } from '../../../controller-manager/deployment/annotations.ts'
import type { ReplicaSet } from '../../../shared/api/replica-set.ts'
import { meta, template } from '../objects.ts'
import { deployment } from './simulated-rollout.ts'

const set = (annotations: Record<string, string>): ReplicaSet => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: meta('x', { annotations }),
  spec: { replicas: 0, selector: {}, template: template() },
  status: { replicas: 0 },
})

const cases: [title: string, own: Record<string, string>, old: string[], wanted: Record<string, string>][] = [
  ['the first', {}, [], { [REVISION]: '1' }],
  ['the next', {}, ['1', '3'], { [REVISION]: '4' }],
  ['the highest stays', { [REVISION]: '7' }, ['3'], { [REVISION]: '7' }],
  ['a rollback', { [REVISION]: '2' }, ['3'], { [REVISION]: '4', [REVISION_HISTORY]: '2' }],
  ['another', { [REVISION]: '4', [REVISION_HISTORY]: '2' }, ['5'], { [REVISION]: '6', [REVISION_HISTORY]: '2,4' }],
  ['what is no number counts for nothing', { [REVISION]: 'x' }, ['y'], { [REVISION]: '1' }],
]

t.test('revisions', async (t) => {
  for (const [title, own, old, wanted] of cases) {
    const oldSets = old.map((revision) => set({ [REVISION]: revision }))
    t.same(newSetAnnotations(deployment(), set(own), oldSets), wanted, title)
  }
})

t.test('a history gives up its oldest revisions', async (t) => {
  const history = Array.from({ length: 500 }, (_, index) => 1_000 + index).join(',')
  const own = set({ [REVISION]: '2000', [REVISION_HISTORY]: history })
  const longer = newSetAnnotations(deployment(), own, [set({ [REVISION]: '2001' })])[REVISION_HISTORY]!
  t.ok(longer.length <= 2_000 && longer.length > 1_990)
  t.ok(longer.endsWith(',1499,2000'))
})
