import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { withTerminationLog } from '../../../kubelet/pod/termination-log.ts'
import { terminationMessage } from '../../../kubelet/pod/termination-message.ts'
import { testDirectory } from '../../support/directory.ts'

const directory = testDirectory(t)
const file = join(directory, 'message')
const logPath = join(directory, '0.log')
const write = (message: string, lines: readonly string[]) => {
  writeFileSync(file, message)
  writeFileSync(logPath, lines.map((line) => `2026-01-01T00:00:00.000000000Z stdout F ${line}\n`).join(''))
}
const FALLBACK = { terminationMessagePolicy: 'FallbackToLogsOnError' } as const
const FILE = { terminationMessagePolicy: 'File' } as const
const read = (policy: typeof FALLBACK | typeof FILE, exitCode = 1) =>
  terminationMessage({ exitCode, logPath }, policy, file)

t.test('the file counts', async (t) => {
  write('DONE\n', ['other'])
  t.equal(await read(FILE), 'DONE\n')
  t.equal(await read(FALLBACK), 'DONE\n')
})

t.test('the last 4096 bytes of it, without half a character', async (t) => {
  write(`ä${'x'.repeat(4095)}`, [])
  t.equal(await read(FILE), 'x'.repeat(4095))
})

t.test('an empty one stands for nothing, or where it is wanted for the log of a failure', async (t) => {
  write('', ['one', 'two'])
  t.equal(await read(FILE), '')
  t.equal(await read(FALLBACK), 'one\ntwo\n')
  t.equal(await read(FALLBACK, 0), '')
})

t.test('of the log the last 80 lines count', async (t) => {
  write(
    '',
    Array.from({ length: 100 }, (_, index) => `${index}`),
  )
  const message = await read(FALLBACK)
  t.strictSame(message.split('\n').slice(0, 2), ['20', '21'])
  t.equal(message.split('\n').length, 81)
})

t.test('and the last 2048 bytes', async (t) => {
  write('', ['a'.repeat(3000), 'end'])
  const message = await read(FALLBACK)
  t.equal(message.length, 2048)
  t.ok(message.endsWith('a\nend\n'))
})

t.test('over two files of it', async (t) => {
  write('', ['new'])
  writeFileSync(`${logPath}.1`, '2026-01-01T00:00:00.000000000Z stderr F old\n')
  t.equal(await read(FALLBACK), 'old\nnew\n')
})

t.test('what is not there says nothing', async (t) => {
  t.equal(
    await terminationMessage({ exitCode: 1, logPath: join(directory, 'no/0.log') }, FALLBACK, join(directory, 'no')),
    '',
  )
})

t.test('what a program has put in the place of the file is told, not read', async (t) => {
  const rows: [title: string, put: () => void][] = [
    ['a directory', () => mkdirSync(file)],
    ['a link to something else', () => symlinkSync(logPath, file)],
    ['a pipe that nobody writes to', () => execFileSync('mkfifo', [file])],
  ]
  for (const [title, put] of rows) {
    rmSync(file, { recursive: true, force: true })
    put()
    t.ok((await read(FALLBACK)).startsWith(`Error on reading termination log ${file}: `), title)
  }
  rmSync(file, { recursive: true, force: true })
})

t.test('a command line names the file instead of the path', async (t) => {
  const log = { hostPath: '/host/file', containerPath: '/dev/termination-log' }
  const rows: [word: string, wanted: string][] = [
    ['/dev/termination-log', '/host/file'],
    ['echo no > /dev/termination-log; exit 1', 'echo no > /host/file; exit 1'],
    ['echo no >/dev/termination-log', 'echo no >/host/file'],
    ['/dev/termination-log.old', '/dev/termination-log.old'],
    ['/x/dev/termination-log', '/x/dev/termination-log'],
  ]
  for (const [word, wanted] of rows) t.equal(withTerminationLog(log, word), wanted)
})
