import t from 'tap'
import { isReleased, planDeletion } from '../../../apiserver/registry/deletion-plan.ts'
import type { Kind, KubeObject } from '../../../shared/api/kind.ts'
import type { DeleteOptions, ObjectMeta } from '../../../shared/api/meta.ts'

const NOW_MS = Date.parse('2026-01-01T00:00:00Z')

const kind = (extra: Partial<Kind> = {}): Kind => ({ kind: 'Thing', group: '', plural: 'things', ...extra }) as Kind
/** Allows 30 seconds unless the delete asks for something else. */
const graceful = kind({ deletionGraceSeconds: (_object, requested) => requested ?? 30 })

const object = (metadata: Partial<ObjectMeta> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: {
    name: 'x',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '2025-12-31T00:00:00Z',
    ...metadata,
  },
})

interface Case {
  title: string
  kind: Kind
  metadata?: Partial<ObjectMeta>
  options?: DeleteOptions
  wanted: { do: string } & Partial<ObjectMeta>
}

const deletion = { deletionTimestamp: '2026-01-01T00:00:20Z', deletionGracePeriodSeconds: 30 }

const cases: Case[] = [
  { title: 'a kind without grace goes at once', kind: kind(), wanted: { do: 'remove', deletionGracePeriodSeconds: 0 } },
  {
    title: 'a graceful kind is marked, and its generation counts it',
    kind: graceful,
    metadata: { generation: 3 },
    wanted: { do: 'mark', deletionTimestamp: '2026-01-01T00:00:30Z', deletionGracePeriodSeconds: 30, generation: 4 },
  },
  {
    title: 'the requested grace counts',
    kind: graceful,
    options: { gracePeriodSeconds: 5 },
    wanted: { do: 'mark', deletionTimestamp: '2026-01-01T00:00:05Z', deletionGracePeriodSeconds: 5 },
  },
  { title: 'no grace removes', kind: graceful, options: { gracePeriodSeconds: 0 }, wanted: { do: 'remove' } },
  {
    title: 'a negative grace is one second',
    kind: graceful,
    options: { gracePeriodSeconds: -7 },
    wanted: { do: 'mark', deletionGracePeriodSeconds: 1 },
  },
  {
    title: 'a second delete may shorten the grace, counted from the first',
    kind: graceful,
    metadata: { ...deletion, generation: 2 },
    options: { gracePeriodSeconds: 10 },
    wanted: { do: 'mark', deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 10, generation: 2 },
  },
  {
    title: 'a second delete cannot lengthen it',
    kind: graceful,
    metadata: deletion,
    options: { gracePeriodSeconds: 60 },
    wanted: { do: 'nothing' },
  },
  { title: 'a second delete by default waits', kind: graceful, metadata: deletion, wanted: { do: 'nothing' } },
  {
    title: 'the kubelet’s last delete removes',
    kind: graceful,
    metadata: deletion,
    options: { gracePeriodSeconds: 0 },
    wanted: { do: 'remove', deletionGracePeriodSeconds: 0 },
  },
  {
    title: 'finalizers keep the object',
    kind: kind(),
    metadata: { finalizers: ['a/b'] },
    wanted: {
      do: 'mark',
      finalizers: ['a/b'],
      deletionGracePeriodSeconds: 0,
      deletionTimestamp: '2026-01-01T00:00:00Z',
    },
  },
  {
    title: 'deleting again what waits for finalizers does nothing',
    kind: kind(),
    metadata: { finalizers: ['a/b'], deletionTimestamp: '2025-12-31T23:00:00Z', deletionGracePeriodSeconds: 0 },
    wanted: { do: 'nothing' },
  },
  {
    title: 'Orphan and Foreground leave the rest to the garbage collector',
    kind: kind(),
    options: { propagationPolicy: 'Foreground' },
    wanted: { do: 'mark', finalizers: ['foregroundDeletion'] },
  },
  {
    title: 'the older form of Orphan',
    kind: kind(),
    options: { orphanDependents: true },
    wanted: { do: 'mark', finalizers: ['orphan'] },
  },
  {
    title: 'Background takes the collector’s finalizers away',
    kind: kind(),
    metadata: { finalizers: ['orphan'] },
    options: { propagationPolicy: 'Background' },
    wanted: { do: 'remove' },
  },
  {
    title: 'a kind that orphans by default',
    kind: kind({ orphansByDefault: true }),
    wanted: { do: 'mark', finalizers: ['orphan'] },
  },
  {
    title: 'a kind that orphans by default, asked not to',
    kind: kind({ orphansByDefault: true }),
    options: { propagationPolicy: 'Background' },
    wanted: { do: 'remove' },
  },
  {
    title: 'what a kind holds itself stays',
    kind: kind({ isHeld: () => true }),
    wanted: { do: 'mark', deletionGracePeriodSeconds: 0 },
  },
]

t.test('planDeletion', async (t) => {
  for (const { title, kind, metadata, options = {}, wanted } of cases) {
    const before = object(metadata)
    const plan = planDeletion(kind, before, { options, nowMs: NOW_MS })
    const shown = plan.do === 'nothing' ? { do: plan.do } : { ...plan.object.metadata, do: plan.do }
    t.match(shown, wanted, title)
    t.strictSame(before, object(metadata), `${title}: the object is not changed`)
  }
})

t.test('a kind prepares what is being deleted, once', async (t) => {
  const calls: string[] = []
  const held = kind({ isHeld: () => true, prepareForDelete: ({ metadata }) => calls.push(metadata.name) })
  const first = planDeletion(held, object(), { options: {}, nowMs: NOW_MS })
  t.equal(first.do, 'mark')
  if (first.do === 'mark') planDeletion(held, first.object, { options: {}, nowMs: NOW_MS })
  t.strictSame(calls, ['x'])
})

t.test('isReleased', async (t) => {
  const gone = { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0 }
  t.equal(isReleased(kind(), object(gone)), true, 'deleted, and nothing keeps it')
  t.equal(isReleased(kind(), object()), false, 'not deleted')
  t.equal(isReleased(kind(), object({ ...gone, finalizers: ['a/b'] })), false, 'finalizers keep it')
  t.equal(isReleased(kind(), object(deletion)), false, 'its grace period keeps it')
  t.equal(isReleased(kind({ isHeld: () => true }), object(gone)), false, 'its kind keeps it')
})
