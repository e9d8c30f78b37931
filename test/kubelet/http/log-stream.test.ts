import { appendFileSync, renameSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import type { LogOptions } from '../../../kubelet/http/log-options.ts'
import { type LogSource, readLog } from '../../../kubelet/http/log-stream.ts'
import { findTailStart } from '../../../kubelet/http/log-tail.ts'
import { openLog } from '../../../kubelet/runtime/supervisor/cri-log.ts'
import { setAsideNumbers } from '../../../kubelet/runtime/supervisor/log-files.ts'
import { systemClock } from '../../../shared/clock.ts'
import { testDirectory } from '../../support/directory.ts'

const NONE: LogOptions = { follow: false, previous: false, timestamps: false }

const timeAt = (second: number) => `2026-11-24T02:00:${String(second).padStart(2, '0')}.123456789Z`
const record = (text: string, { second = 0, tag = 'F', stream = 'stdout' } = {}) =>
  `${timeAt(second)} ${stream} ${tag} ${text}\n`

const LOG = [
  record('one'),
  record('two', { second: 1, stream: 'stderr' }),
  record('thr', { second: 2, tag: 'P' }),
  record('ee', { second: 2 }),
  record('', { second: 3 }),
  record('five', { second: 4 }),
].join('')

const ended = (path: string): LogSource => ({ path, isRunning: async () => false, subscribe: () => () => undefined })

async function read(source: LogSource, options: Partial<LogOptions>, signal = new AbortController().signal) {
  let output = ''
  for await (const chunk of readLog(source, { ...NONE, ...options }, signal)) output += chunk
  return output
}

const cases: { title: string; options: Partial<LogOptions>; wanted: string }[] = [
  { title: 'everything', options: {}, wanted: 'one\ntwo\nthree\n\nfive\n' },
  { title: 'no line', options: { tailLines: 0 }, wanted: '' },
  { title: 'the last line', options: { tailLines: 1 }, wanted: 'five\n' },
  { title: 'a line of two pieces is one', options: { tailLines: 3 }, wanted: 'three\n\nfive\n' },
  { title: 'more lines than there are', options: { tailLines: 99 }, wanted: 'one\ntwo\nthree\n\nfive\n' },
  { title: 'since a moment', options: { sinceMs: Date.parse(timeAt(2)) }, wanted: 'three\n\nfive\n' },
  { title: 'since the future', options: { sinceMs: Date.parse('2027-01-01T00:00:00Z') }, wanted: '' },
  { title: 'some bytes', options: { limitBytes: 6 }, wanted: 'one\ntw' },
  { title: 'exactly all bytes', options: { limitBytes: 20 }, wanted: 'one\ntwo\nthree\n\nfive\n' },
  {
    title: 'times, once for a line of two pieces',
    options: { timestamps: true, tailLines: 3 },
    wanted: `${timeAt(2)} three\n${timeAt(3)} \n${timeAt(4)} five\n`,
  },
  { title: 'following what has ended', options: { follow: true, tailLines: 1 }, wanted: 'five\n' },
]
for (const { title, options, wanted } of cases) {
  t.test(title, async (t) => {
    const path = join(testDirectory(t, { log: LOG }), 'log')
    t.equal(await read(ended(path), options), wanted)
  })
}

t.test('an empty log, and one that is damaged', async (t) => {
  const directory = testDirectory(t, { empty: '', damaged: `nonsense\n${record('fine')}${record('cut').slice(0, 20)}` })
  t.equal(await read(ended(join(directory, 'empty')), { tailLines: 5 }), '')
  t.equal(await read(ended(join(directory, 'damaged')), {}), 'fine\n')
})

t.test('property: the tail of a log is the end of its lines', async (t) => {
  const path = join(testDirectory(t), 'log')
  // Long records, so that one does not fit into one block of what is read backwards.
  const text = fc.oneof(fc.string({ unit: fc.constantFrom('a', ' ') }), fc.constant('x'.repeat(16_384)))
  const piece = fc.record({ text, isPartial: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 40 }), fc.integer({ min: 0, max: 12 }), async (pieces, tailLines) => {
      const records = [...pieces, { text: 'last', isPartial: false }]
      writeFileSync(path, records.map(({ text, isPartial }) => record(text, { tag: isPartial ? 'P' : 'F' })).join(''))
      const all = records.map(({ text, isPartial }) => text + (isPartial ? '' : '\n')).join('')
      const lines = all.split('\n').slice(0, -1)
      const wanted = tailLines === 0 ? [] : lines.slice(-tailLines)
      return (await read(ended(path), { tailLines })) === wanted.map((line) => `${line}\n`).join('')
    }),
    { numRuns: 60 },
  )
  t.pass('holds')
})

t.test('the tail of a big log reads its end alone', async (t) => {
  const path = join(testDirectory(t, { log: record('x'.repeat(100)).repeat(100_000) }), 'log')
  const file = await open(path)
  t.teardown(() => file.close())
  let bytes = 0
  const counting = {
    stat: () => file.stat(),
    read: (buffer: Buffer, offset: number, length: number, position: number) => {
      bytes += length
      return file.read(buffer, offset, length, position)
    },
  }
  await findTailStart([counting as unknown as typeof file], 10)
  t.ok(bytes <= 64 * 1024)
})

t.test('following: what is written, until the container has ended', async (t) => {
  const path = join(testDirectory(t, { log: record('early') }), 'log')
  let isRunning = true
  let onChange = () => undefined as unknown
  const source: LogSource = {
    path,
    isRunning: async () => isRunning,
    subscribe(callback) {
      onChange = callback
      return () => undefined
    },
  }
  const chunks = readLog(source, { ...NONE, follow: true }, new AbortController().signal)
  t.equal(String((await chunks.next()).value), 'early\n')
  const next = chunks.next()
  appendFileSync(path, record('later'))
  t.equal(String((await next).value), 'later\n')
  const rotated = chunks.next()
  appendFileSync(path, record('end of the first file'))
  renameSync(path, `${path}.1`)
  writeFileSync(path, record('beginning of the second'))
  t.equal(String((await rotated).value), 'end of the first file\n')
  t.equal(String((await chunks.next()).value), 'beginning of the second\n')
  const last = chunks.next()
  appendFileSync(path, record('last words'))
  isRunning = false
  onChange()
  t.equal(String((await last).value), 'last words\n', 'nothing of its end is lost')
  t.strictSame(await chunks.next(), { value: undefined, done: true })
})

t.test('all files of a log are one, and a reader crosses from each to the next', async (t) => {
  const path = join(testDirectory(t), 'log')
  const limits = { bytesMax: 16 * 1024, filesMax: 4 }
  const log = openLog(path, { clock: systemClock, limits, onError: (error) => t.error(error) })
  const stream = log.stream('stdout')
  let isRunning = true
  let onChange = () => undefined as unknown
  const source: LogSource = {
    path,
    isRunning: async () => isRunning,
    subscribe(callback) {
      onChange = callback
      return () => undefined
    },
  }
  const numbers = (text: string) => text.split('\n').slice(0, -1).map(Number)
  const upTo = (first: number, end: number) => Array.from({ length: end - first }, (_, index) => first + index)
  let written = 0
  const write = (lines: number) => {
    for (const end = written + lines; written < end; written++) stream.write(Buffer.from(`${written}\n`))
  }
  write(600)
  t.ok(setAsideNumbers(path).length > 0)
  t.strictSame(numbers(await read(source, {})), upTo(0, 600))
  t.strictSame(numbers(await read(source, { tailLines: 550 })), upTo(50, 600), 'the tail begins in an older file')

  let output = ''
  const follow = async () => {
    const options = { ...NONE, follow: true, tailLines: 1 }
    for await (const chunk of readLog(source, options, new AbortController().signal)) output += chunk
  }
  const followed = follow()
  const until = async (text: string) => {
    while (!output.includes(text, output.length - 9000)) await new Promise((resolve) => setImmediate(resolve))
  }
  await until('599\n')
  for (let round = 0; round < 50; round++) {
    // Less than the files hold that are kept, and now more, now less than one of them.
    write(100 + ((round * 397) % 900))
    await until(`\n${written - 50}\n`)
  }
  isRunning = false
  onChange()
  await followed
  t.strictSame(numbers(output), upTo(599, written), 'each line once, whatever was set aside meanwhile')
  log.close()
})

t.test('following ends when the reader leaves', async (t) => {
  const path = join(testDirectory(t, { log: '' }), 'log')
  const source = { ...ended(path), isRunning: async () => true }
  const leaving = new AbortController()
  const output = read(source, { follow: true }, leaving.signal)
  leaving.abort()
  t.equal(await output, '')
})
