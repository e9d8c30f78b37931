import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { findKubectl, processesOf, TestCluster } from '../support/cluster.ts'
import { testDirectory } from '../support/directory.ts'
import { parseTranscript, replay } from './transcript.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const CRASH = '# Here the controller manager is killed.\n'

const kubectl = await findKubectl()
const skip = kubectl === undefined && 'kubectl is not installed'

t.test('the story of Jobs, with the controller manager killed in the middle of one', { skip }, async (t) => {
  const dataDir = testDirectory(t)
  const cluster = await TestCluster.start({ dataDir, nodes: 1 })
  t.teardown(() => cluster.stop())
  const [before, after] = readFileSync(`${HERE}/stories/job.txt`, 'utf8').split(CRASH).map(parseTranscript)
  const options = { env: { KUBECONFIG: cluster.kubeconfig }, cwd: `${HERE}/manifests` }
  await replay(before!, options)
  process.kill(await cluster.pidOf('controller-manager'), 'SIGKILL')
  await replay(after!, options)
  await cluster.stop()
  t.same(processesOf(dataDir), [])
})
