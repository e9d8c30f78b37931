import t from 'tap'
import { evictionRate, isAllLost, zoneOf, zonesOf } from '../../../controller-manager/nodelifecycle/disruption.ts'
import { readyCondition } from '../../../controller-manager/nodelifecycle/health.ts'
import type { Node } from '../../../shared/api/node/node.ts'
import { node } from '../objects.ts'

const RATES = { perSecond: 0.1, secondaryPerSecond: 0.01, largeSize: 50 }

const inZone = (zone: string, subject: Node): Node => ({
  ...subject,
  metadata: { ...subject.metadata, labels: { 'topology.kubernetes.io/zone': zone } },
})

/** Nodes of one zone. */
const nodes = (zone: string, { ready = 0, lost = 0, silent = 0 }: { ready?: number; lost?: number; silent?: number }) =>
  [
    ...Array.from({ length: ready }, (_, i) => node(`r${i}`, { conditions: [{ type: 'Ready', status: 'True' }] })),
    ...Array.from({ length: lost }, (_, i) => node(`l${i}`, { conditions: [{ type: 'Ready', status: 'Unknown' }] })),
    ...Array.from({ length: silent }, (_, i) => node(`s${i}`)),
  ].map((subject) => inZone(zone, subject))

const zones = (all: Node[]) => zonesOf(all, (subject) => readyCondition(subject)?.status, 0.55)

const cases: [title: string, ready: number, lost: number, state: string, rate: number][] = [
  ['all well', 3, 0, 'Normal', 0.1],
  ['one of two', 1, 1, 'Normal', 0.1],
  ['two of three: too few to be suspicious', 1, 2, 'Normal', 0.1],
  ['the only one', 0, 1, 'FullDisruption', 0.1],
  ['all', 0, 3, 'FullDisruption', 0.1],
  ['three of five', 2, 3, 'PartialDisruption', 0],
  ['three of six', 3, 3, 'Normal', 0.1],
  ['most of fifty', 10, 40, 'PartialDisruption', 0],
  ['most of a large zone', 20, 40, 'PartialDisruption', 0.01],
]

t.test('zones by what is lost, and how fast their pods are evicted', async (t) => {
  for (const [title, ready, lost, state, rate] of cases) {
    const [zone] = zones(nodes('a', { ready, lost })).values()
    t.same(zone, { state, size: ready + lost }, title)
    t.equal(evictionRate(zone!, RATES), rate, title)
  }
})

t.test('all are lost only when every zone is', async (t) => {
  t.notOk(isAllLost(zones([])), 'no nodes')
  t.ok(isAllLost(zones(nodes('a', { lost: 1, silent: 2 }))), 'nodes that never reported do not count')
  t.ok(isAllLost(zones([...nodes('a', { lost: 2 }), ...nodes('b', { lost: 1 })])))
  const half = zones([...nodes('a', { lost: 2 }), ...nodes('b', { ready: 1 })])
  t.notOk(isAllLost(half))
  t.equal(evictionRate(half.get('/a')!, RATES), 0.1, 'a zone that is wholly lost beside one that is well is left')
})

t.test('a zone is a region and a zone', async (t) => {
  const labels = { 'topology.kubernetes.io/region': 'r', 'topology.kubernetes.io/zone': 'z' }
  const subject = node('n')
  t.equal(zoneOf(subject), '/')
  t.equal(zoneOf({ ...subject, metadata: { ...subject.metadata, labels } }), 'r/z')
})
