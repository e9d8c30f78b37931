import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { openLog, PIECE_BYTES } from '../../../../kubelet/runtime/supervisor/cri-log.ts'
import { type LogLimits, setAsideNumbers, setAsidePath } from '../../../../kubelet/runtime/supervisor/log-files.ts'
import { systemClock } from '../../../../shared/clock.ts'
import { testDirectory } from '../../../support/directory.ts'

const RECORD = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z) (stdout|stderr) ([FP]) (.*)$/

function setUp(t: Test, name = 'log', limits?: LogLimits) {
  const path = join(t.testdirName, 'deep', name)
  const errors: Error[] = []
  const log = openLog(path, { clock: systemClock, onError: (error) => errors.push(error), ...(limits && { limits }) })
  const records = () =>
    readFileSync(path, 'latin1')
      .split('\n')
      .slice(0, -1)
      .map((line) => RECORD.exec(line)!.slice(1) as [time: string, stream: string, tag: string, text: string])
  return { path, log, errors, records }
}

t.test('lines of both streams, as they come', async (t) => {
  testDirectory(t)
  const { log, records } = setUp(t)
  const out = log.stream('stdout')
  const seen: string[] = []
  const err = log.stream('stderr', (line) => seen.push(line.toString()))
  out.write(Buffer.from('one\ntw'))
  err.write(Buffer.from('oops\n\n'))
  out.write(Buffer.from('o\nthree'))
  out.end()
  err.end()
  log.close()
  t.strictSame(
    records().map(([, ...rest]) => rest),
    [
      ['stdout', 'F', 'one'],
      ['stderr', 'F', 'oops'],
      ['stderr', 'F', ''],
      ['stdout', 'F', 'two'],
      ['stdout', 'F', 'three'],
    ],
  )
  t.strictSame(seen, ['oops', ''])
  const times = records().map(([time]) => time)
  t.strictSame([...times].sort(), times, 'times only rise')
})

t.test('appends to what is there', async (t) => {
  testDirectory(t)
  for (const text of ['first\n', 'second\n']) {
    const { log } = setUp(t)
    log.stream('stdout').write(Buffer.from(text))
    log.close()
  }
  t.strictSame(
    setUp(t)
      .records()
      .map(([, , , text]) => text),
    ['first', 'second'],
  )
})

t.test('property: any output cut into any chunks is kept, in bounded records', async (t) => {
  testDirectory(t)
  const line = fc.oneof(
    fc.string({ unit: fc.constantFrom('a', 'b', ' '), maxLength: 20 }),
    fc.integer({ min: PIECE_BYTES - 2, max: 3 * PIECE_BYTES }).map((length) => 'x'.repeat(length)),
  )
  let run = 0
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), fc.array(fc.integer({ min: 1, max: 20_000 })), (lines, cuts) => {
      const { log, records } = setUp(t, `run-${run++}`)
      const stream = log.stream('stdout')
      const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''))
      let from = 0
      for (const cut of cuts) {
        stream.write(bytes.subarray(from, from + cut))
        from += cut
      }
      stream.write(bytes.subarray(from))
      stream.end()
      log.close()
      const all = records()
      const joined = all.map(([, , tag, text]) => text + (tag === 'F' ? '\n' : '')).join('')
      return joined === bytes.toString() && all.every(([, , , text]) => text.length <= PIECE_BYTES)
    }),
    { numRuns: 50 },
  )
  t.pass('holds')
})

t.test('a log that is too long is set aside, and the oldest of them removed', async (t) => {
  testDirectory(t)
  const limits = { bytesMax: 64 * 1024, filesMax: 3 }
  const { log, path } = setUp(t, 'log', limits)
  const stream = log.stream('stdout')
  const lines = 4000
  for (let line = 0; line < lines; line++) stream.write(Buffer.from(`${'x'.repeat(40)} ${line}\n`))
  log.close()
  const numbers = setAsideNumbers(path)
  t.equal(numbers.length, limits.filesMax - 1)
  const files = [...numbers.map((number) => setAsidePath(path, number)), path]
  for (const file of files) t.ok(statSync(file).size <= limits.bytesMax, file)
  const kept = files.flatMap((file) =>
    [...readFileSync(file, 'latin1').matchAll(/ (\d+)\n/g)].map(([, n]) => Number(n)),
  )
  t.strictSame(
    kept,
    Array.from(kept, (_, index) => lines - kept.length + index),
    'what is left is the end, without a gap',
  )
  const again = setUp(t, 'log', limits)
  for (let line = 0; line < lines; line++) again.log.stream('stdout').write(Buffer.from(`${'x'.repeat(40)} ${line}\n`))
  again.log.close()
  t.ok(setAsideNumbers(path)[0]! > numbers.at(-1)!, 'a number means one file for ever')
})

t.test('a full disk stops nobody', { skip: process.platform !== 'linux' }, async (t) => {
  const errors: Error[] = []
  const log = openLog('/dev/full', { clock: systemClock, onError: (error) => errors.push(error) })
  const stream = log.stream('stdout')
  for (let index = 0; index < 3; index++) stream.write(Buffer.from('line\n'))
  log.close()
  t.match(errors, [{ code: 'ENOSPC' }], 'it is told once')
  t.equal(errors.length, 1)
})
