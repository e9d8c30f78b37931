import t from 'tap'
import { disruptionOf, type Eviction, evictionIn } from '../../../controller-manager/nodelifecycle/disruption.ts'
import { node } from '../objects.ts'

const nodes = (ready: number, lost: number, silent = 0) => [
  ...Array.from({ length: ready }, (_, i) => node(`r${i}`, { conditions: [{ type: 'Ready', status: 'True' }] })),
  ...Array.from({ length: lost }, (_, i) => node(`l${i}`, { conditions: [{ type: 'Ready', status: 'Unknown' }] })),
  ...Array.from({ length: silent }, (_, i) => node(`s${i}`)),
]

const cases: [title: string, ready: number, lost: number, wanted: Eviction][] = [
  ['no nodes', 0, 0, 'go'],
  ['all well', 3, 0, 'go'],
  ['one of two', 1, 1, 'go'],
  ['two of three', 1, 2, 'go'],
  ['the only one', 0, 1, 'undo'],
  ['all', 0, 3, 'undo'],
  ['three of five', 2, 3, 'hold'],
  ['three of six', 3, 3, 'go'],
  ['most of a large cluster', 20, 40, 'go'],
]

t.test('evictions by what is lost', async (t) => {
  for (const [title, ready, lost, wanted] of cases) {
    t.equal(evictionIn(disruptionOf(nodes(ready, lost), 0.55), ready + lost, 50), wanted, title)
  }
  t.equal(disruptionOf(nodes(0, 1, 2), 0.55), 'full', 'nodes that never reported do not count')
})
