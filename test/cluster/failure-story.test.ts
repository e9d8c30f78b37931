import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { findKubectl, KUBEPROC, processesOf, TestCluster } from '../support/cluster.ts'
import { testDirectory } from '../support/directory.ts'
import { parseTranscript, replay } from './transcript.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))

const kubectl = await findKubectl()
const skip = kubectl === undefined && 'kubectl is not installed'

/** Makes a `kubeproc` command for this cluster, and returns the PATH that has it. */
function commandFor(dataDir: string): string {
  const directory = join(dataDir, 'bin')
  const file = join(directory, 'kubeproc')
  mkdirSync(directory)
  writeFileSync(file, `#!/bin/sh\nexec "${process.execPath}" "${KUBEPROC}" "$@" --data-dir="${dataDir}"\n`)
  chmodSync(file, 0o700)
  return `${directory}:${process.env.PATH}`
}

for (const story of ['node-failure', 'drain']) {
  t.test(`the story of ${story}`, { skip }, async (t) => {
    const dataDir = testDirectory(t)
    const cluster = await TestCluster.start({ dataDir, nodes: 2 })
    t.teardown(() => cluster.stop())
    const env = { KUBECONFIG: cluster.kubeconfig, PATH: commandFor(dataDir) }
    const steps = parseTranscript(readFileSync(`${HERE}/stories/${story}.txt`, 'utf8'))
    await replay(steps, { env, cwd: `${HERE}/manifests`, deadlineMs: 60_000 })
    await cluster.stop()
    t.same(processesOf(dataDir), [])
  })
}
