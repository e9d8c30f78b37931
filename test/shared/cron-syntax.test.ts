import t from 'tap'
import { parseScheduleSyntax } from '../../shared/cron-syntax.ts'

t.test('schedules', async (t) => {
  const fields = (text: string) => {
    const syntax = parseScheduleSyntax(text)
    if (typeof syntax === 'string' || syntax.kind !== 'fields') throw new Error(`${text}: ${JSON.stringify(syntax)}`)
    return syntax
  }
  t.same(fields('*/20 8-9 1,15 feb-APR mon'), {
    kind: 'fields',
    minutes: [0, 20, 40],
    hours: [8, 9],
    daysOfMonth: [1, 15],
    months: [2, 3, 4],
    daysOfWeek: [1],
    bothDays: false,
  })
  t.same(fields('50/5 1-10/3 ? * *').minutes, [50, 55])
  t.same(fields('50/5 1-10/3 ? * *').hours, [1, 4, 7, 10])
  t.equal(fields('0 0 13 * fri').bothDays, false)
  t.equal(fields('0 0 * * fri').bothDays, true)
  t.equal(fields('0 0 */2 * fri').bothDays, false, 'a step makes a choice of a wildcard')
  t.same(fields('@weekly'), fields('0 0 * * sun'))
  t.same(fields('TZ=UTC  0 1 * * *'), fields('0 1 * * *'))
  t.same(parseScheduleSyntax('@every 1h30m0.9s'), { kind: 'interval', seconds: 5400 })
  t.same(parseScheduleSyntax('@every 10ms'), { kind: 'interval', seconds: 1 })
})

t.test('what is none', async (t) => {
  const rows: [text: string, wanted: string][] = [
    ['', 'empty spec string'],
    ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
    ['* * * * * *', 'expected exactly 5 fields, found 6: [* * * * * *]'],
    ['61 * * * *', 'end of range (61) above maximum (59): 61'],
    ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['* * * * 7', 'end of range (7) above maximum (6): 7'],
    ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
    ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
    ['*/-1 * * * *', 'negative number (-1) not allowed: -1'],
    ['@sometimes', 'unrecognized descriptor: @sometimes'],
    ['@every day', 'failed to parse duration @every day: time: invalid duration "day"'],
  ]
  for (const [text, wanted] of rows) t.equal(parseScheduleSyntax(text), wanted, text)
})
