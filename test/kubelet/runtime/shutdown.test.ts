import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pino from 'pino'
import t from 'tap'
import { startProcessRuntime } from '../../../kubelet/runtime/process-runtime.ts'
import { systemClock } from '../../../shared/clock.ts'
import { testDirectory } from '../../support/directory.ts'
import { allGone } from './support.ts'

t.test('a node goes down although its supervisor dies meanwhile', async (t) => {
  const rootDirectory = join(testDirectory(t), 'node')
  const runtime = await startProcessRuntime({
    rootDirectory,
    nodeIp: '127.84.1.1',
    podCidr: '127.84.1.0/24',
    logger: pino({ enabled: false }),
    clock: systemClock,
  })
  const directory = join(rootDirectory, 'pod')
  await runtime.ensureSandbox({ podUid: 'pod', namespace: 'default', name: 'kubia', directory })
  const program = {
    argv: ['sleep', '600'],
    env: {},
    annotations: {},
    workingDirectory: '/',
    logPath: join(directory, 'log'),
  }
  const { pid } = await runtime.startContainer({ podUid: 'pod', name: 'main', attempt: 0, ...program })
  const supervisor = Number.parseInt(readFileSync(join(rootDirectory, 'supervisor.pid'), 'utf8'), 10)
  process.kill(supervisor, 'SIGSTOP')
  const down = runtime.shutdown()
  process.kill(supervisor, 'SIGKILL')
  await down
  await allGone([supervisor, pid!])
  t.pass('its container as well')
})
