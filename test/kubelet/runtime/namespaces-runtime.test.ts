import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { namespacesProblem } from '../../../kubelet/runtime/detect.ts'
import { startNamespacesRuntime } from '../../../kubelet/runtime/namespaces-runtime.ts'
import { createLogger } from '../../../shared/log.ts'
import { testDirectory } from '../../support/directory.ts'
import { testRuntime } from './contract.ts'
import { allGone } from './support.ts'

const trial = mkdtempSync(join(tmpdir(), 'kubeproc-trial-'))
const problem = await namespacesProblem(trial)
rmSync(trial, { recursive: true })
const skip = problem !== undefined && `no namespaces on this machine: ${problem}`

let lastRange = 0

async function startRuntime(t: Test) {
  const directory = testDirectory(t)
  const rootDirectory = join(directory, 'node')
  const runtime = await startNamespacesRuntime({
    rootDirectory,
    nodeIp: '127.81.1.1',
    podCidr: `10.81.${++lastRange}.0/24`,
    logger: createLogger('runtime', 'error'),
  })
  const supervisor = Number.parseInt(readFileSync(join(rootDirectory, 'supervisor.pid'), 'utf8'), 10)
  t.teardown(async () => {
    await runtime.shutdown().catch(() => undefined)
    await allGone([supervisor])
  })
  return { runtime, directory, rootDirectory, supervisor }
}

t.test('contract', { skip }, async (t) => testRuntime(t, startRuntime, { isIsolated: true }))
