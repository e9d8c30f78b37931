import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { findKubectl, processesOf, TestCluster } from '../support/cluster.ts'
import { testDirectory } from '../support/directory.ts'
import { parseTranscript, replay } from './transcript.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))

const kubectl = await findKubectl()
const skip = kubectl === undefined && 'kubectl is not installed'

for (const { story, nodes } of [
  { story: 'replication-controller', nodes: 2 },
  { story: 'probes', nodes: 1 },
  { story: 'liveness', nodes: 1 },
  { story: 'replica-set', nodes: 2 },
  { story: 'deployment', nodes: 2 },
  { story: 'daemon-set', nodes: 2 },
  { story: 'volumes', nodes: 1 },
]) {
  t.test(`the story of ${story}`, { skip }, async (t) => {
    const dataDir = testDirectory(t)
    const cluster = await TestCluster.start({ dataDir, nodes })
    t.teardown(() => cluster.stop())
    const steps = parseTranscript(readFileSync(`${HERE}/stories/${story}.txt`, 'utf8'))
    await replay(steps, { env: { KUBECONFIG: cluster.kubeconfig }, cwd: `${HERE}/manifests` })
    await cluster.stop()
    t.same(processesOf(dataDir), [])
  })
}
