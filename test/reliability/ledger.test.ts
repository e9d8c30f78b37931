/** The judges of the proofs are given runs that are known to be good or bad: one that finds nothing proves nothing. */
import t from 'tap'
import { type Attempt, createTruth, judgeAttempts, judgeSegment, type Seen, viewOfShard } from './ledger.ts'

const seen = (revision: number, id: string, type: Seen['type'] = 'MODIFIED', shard = 'a'): Seen => ({
  revision,
  type,
  name: 'x',
  id,
  shard,
})

const changesOf = (...events: Seen[]) => new Map(events.map((event) => [event.revision, event]))

const runs: { title: string; attempts: Attempt[]; changes: Seen[]; faults: string[] }[] = [
  {
    title: 'what was answered is what happened',
    attempts: [
      { id: 'w1', outcome: 'acknowledged', revision: 1 },
      { id: 'w2', outcome: 'refused' },
      { id: 'w3', outcome: 'unknown' },
      { id: 'w4', outcome: 'unknown' },
      { id: 'delete w3', outcome: 'acknowledged' },
      { id: 'delete w3', outcome: 'refused' },
    ],
    changes: [seen(1, 'w1'), seen(2, 'w3'), seen(3, 'delete w3', 'DELETED')],
    faults: [],
  },
  {
    title: 'an acknowledged write is lost',
    attempts: [{ id: 'w1', outcome: 'acknowledged', revision: 1 }],
    changes: [],
    faults: ['w1 was acknowledged and is lost'],
  },
  {
    title: 'a write is applied twice',
    attempts: [{ id: 'w1', outcome: 'unknown' }],
    changes: [seen(1, 'w1'), seen(2, 'w1')],
    faults: ['w1 was applied twice: as 1 and as 2'],
  },
  {
    title: 'a write has another version than was told',
    attempts: [{ id: 'w1', outcome: 'acknowledged', revision: 1 }],
    changes: [seen(2, 'w1')],
    faults: ['w1 was acknowledged as 1, but is 2'],
  },
  {
    title: 'a refused write happened, and one that nobody asked for',
    attempts: [{ id: 'w1', outcome: 'refused' }],
    changes: [seen(1, 'w1'), seen(2, 'w2')],
    faults: ['w1 was refused, but happened as 1', 'w2 (2) was asked by nobody'],
  },
]

for (const { title, attempts, changes, faults } of runs)
  t.test(title, async (t) => t.strictSame(judgeAttempts(attempts, changesOf(...changes)), faults))

t.test('two watches that saw different things', async (t) => {
  const truth = createTruth()
  truth.see(seen(1, 'w1'))
  truth.see(seen(1, 'w1'))
  t.strictSame(truth.contradictions, [])
  truth.see(seen(1, 'w2'))
  t.equal(truth.contradictions.length, 1)
})

t.test('what a watch of a label sees', async (t) => {
  const changes = [
    seen(1, 'w1', 'ADDED', 'b'),
    seen(2, 'w2', 'MODIFIED', 'a'),
    seen(3, 'w3', 'MODIFIED', 'a'),
    seen(4, 'w4', 'MODIFIED', 'b'),
    seen(5, 'w5', 'MODIFIED', 'a'),
    seen(6, 'delete w5', 'DELETED', 'a'),
    seen(7, 'w6', 'ADDED', 'a'),
  ]
  t.strictSame(
    viewOfShard(changes, 'a').map(({ revision, type }) => `${type}${revision}`),
    ['A2', 'M3', 'D4', 'A5', 'D6', 'A7'],
  )
})

const wanted = [1, 2, 3, 4].map((revision) => ({ revision, type: 'M' }))
const segments: { title: string; revisions: number[]; upTo?: number; types?: string[]; fault: RegExp | undefined }[] = [
  { title: 'sees everything', revisions: [2, 3, 4], fault: undefined },
  { title: 'has not come to the end', revisions: [2, 3], upTo: 3, fault: undefined },
  { title: 'skips', revisions: [2, 4], fault: /saw M 4 where M 3 was due/ },
  { title: 'skips the last', revisions: [2, 3], fault: /skipped M 4/ },
  { title: 'repeats', revisions: [2, 2, 3, 4], fault: /repeated 2/ },
  { title: 'goes back', revisions: [2, 3, 2, 4], fault: /went back to 2 after 3/ },
  { title: 'repeats what was before its start', revisions: [1, 2, 3, 4], fault: /repeated 1/ },
  { title: 'makes something up', revisions: [2, 3, 4, 5], upTo: 5, fault: /saw M 5, which did not happen/ },
  { title: 'says the wrong type', revisions: [2], types: ['A'], upTo: 2, fault: /saw A 2 where M 2 was due/ },
]
for (const { title, revisions, upTo = 4, types = revisions.map(() => 'M'), fault } of segments)
  t.test(`a watch that ${title}`, async (t) => {
    const found = judgeSegment({ shard: undefined, from: 1, upTo, revisions, types }, wanted)
    if (fault === undefined) t.equal(found, undefined)
    else t.match(found, fault)
  })
