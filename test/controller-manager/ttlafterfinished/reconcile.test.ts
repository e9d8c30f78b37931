import t from 'tap'
import { reconcileTtl } from '../../../controller-manager/ttlafterfinished/reconcile.ts'
import { condition, job, time } from '../job/objects.ts'
import { START_MS } from '../objects.ts'

const finished = (type: string, since = 0) => ({ conditions: [condition(type, 'Why', { since })] })
const NOW_MS = START_MS + 100_000

t.test('plans', async (t) => {
  const cases = [
    ['no time given', job({}, finished('Complete')), {}],
    ['still at work', job({ ttlSecondsAfterFinished: 0 }), {}],
    ['suspended is not finished', job({ ttlSecondsAfterFinished: 0 }, finished('Suspended')), {}],
    ['due at once', job({ ttlSecondsAfterFinished: 0 }, finished('Complete', 100)), { isDeleted: true }],
    ['due', job({ ttlSecondsAfterFinished: 60 }, finished('Failed', 40)), { isDeleted: true }],
    ['not yet', job({ ttlSecondsAfterFinished: 60 }, finished('Failed', 41)), { requeueAfterMs: 1_000 }],
    ['going already', job({ ttlSecondsAfterFinished: 0 }, finished('Complete'), { deletionTimestamp: time(0) }), {}],
  ] as const
  for (const [title, owner, wanted] of cases) {
    const { actions, requeueAfterMs } = reconcileTtl(owner, NOW_MS)
    const shown = {
      ...(actions.length > 0 && { isDeleted: true }),
      ...(requeueAfterMs !== undefined && { requeueAfterMs }),
    }
    t.same(shown, wanted, title)
  }
})
