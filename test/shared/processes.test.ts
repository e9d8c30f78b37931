import { spawn } from 'node:child_process'
import t from 'tap'
import { hasEnvironment, parseStat, readProcess, readProcesses, uptimeTicks } from '../../shared/processes.ts'

t.test('a name with spaces and parentheses', async (t) => {
  const rest = 'S 12 100 90 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 4711 100000 300'
  t.strictSame(parseStat(`4242 (a) b) (c) ${rest}`), {
    pid: 4242,
    parent: 12,
    group: 100,
    session: 90,
    state: 'S',
    startTicks: 4711,
  })
})

t.test('real processes', { skip: process.platform !== 'linux' }, async (t) => {
  const before = uptimeTicks()
  const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore', env: { ...process.env, MARK: 'a=b' } })
  t.teardown(() => child.kill('SIGKILL'))
  const found = readProcess(child.pid!)!
  t.match(found, { pid: child.pid, parent: process.pid, group: child.pid, session: child.pid })
  t.ok(found.startTicks >= before - 1 && found.startTicks <= uptimeTicks())
  t.ok(readProcesses().some(({ pid }) => pid === child.pid))
  t.ok(hasEnvironment(child.pid!, 'MARK=a=b'))
  t.notOk(hasEnvironment(child.pid!, 'MARK=a'), 'a whole entry only')
  t.notOk(hasEnvironment(child.pid!, 'ARK=a=b'))
  t.equal(readProcess(2 ** 30), undefined)
})
