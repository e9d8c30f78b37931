import fc from 'fast-check'
import t from 'tap'
import { parseSchedule, type Schedule } from '../../shared/cron.ts'

function schedule(text: string): Schedule {
  const parsed = parseSchedule(text)
  if (typeof parsed === 'string') throw new Error(parsed)
  return parsed
}

t.test('when schedules are due', async (t) => {
  const rows: [title: string, text: string, zone: string | undefined, after: string, wanted: string[]][] = [
    [
      'every five minutes',
      '*/5 * * * *',
      undefined,
      '2026-01-01T00:04:59.5Z',
      ['2026-01-01T00:05', '2026-01-01T00:10'],
    ],
    ['strictly later', '0 * * * *', undefined, '2026-01-01T00:00:00Z', ['2026-01-01T01:00']],
    [
      'either day, where both are chosen',
      '0 0 13 * fri',
      undefined,
      '2026-01-09T12:00Z',
      ['2026-01-13T00:00', '2026-01-16T00:00'],
    ],
    ['both days, where one is wild', '0 0 * * fri', undefined, '2026-01-09T12:00Z', ['2026-01-16T00:00']],
    ['a leap day', '0 0 29 2 *', undefined, '2026-01-01T00:00Z', ['2028-02-29T00:00', '2032-02-29T00:00']],
    ['in a zone', '0 9 * * *', 'Asia/Tokyo', '2026-01-01T00:00Z', ['2026-01-02T00:00']],
    ['across a change of the clocks', '0 9 * * *', 'Europe/Berlin', '2026-03-28T12:00Z', ['2026-03-29T07:00']],
    ['not in an hour that is skipped', '30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00Z', ['2026-03-30T00:30']],
    ['an interval', '@every 90s', undefined, '2026-01-01T00:00:30.7Z', ['2026-01-01T00:02', '2026-01-01T00:03:30']],
  ]
  for (const [title, text, zone, after, wanted] of rows) {
    let at = Date.parse(after)
    for (const moment of wanted) {
      at = schedule(text).next(at, zone) ?? Number.NaN
      t.equal(new Date(at).toISOString().replace(/(:00)?\.000Z$/, ''), moment, title)
    }
  }
  t.equal(schedule('0 0 31 2 *').next(0), undefined, 'never')
})

t.test('bad schedules are told', async (t) => {
  t.equal(parseSchedule('61 * * * *'), 'end of range (61) above maximum (59): 61')
})

t.test('the next moment is later, and the first at which the fields match', async () => {
  const number = (min: number, max: number) => fc.integer({ min, max })
  fc.assert(
    fc.property(number(0, 59), number(0, 23), number(0, 4e9), (minute, hour, second) => {
      const next = schedule(`${minute} ${hour} * * *`).next(second * 1000)!
      const found = new Date(next)
      return (
        next > second * 1000 &&
        next - second * 1000 <= 86_400_000 &&
        found.getUTCHours() === hour &&
        found.getUTCMinutes() === minute &&
        next % 60_000 === 0
      )
    }),
  )
})
