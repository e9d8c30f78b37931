/**
 * The real kubectl against the real API server and its controllers: the oldest, the newest and the usual version that
 * are installed, and one in the middle. The stories are transcripts beside this file, each in a namespace of its own
 * that is named as its file. A story whose name ends in a version is told to that minor version and newer ones only.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { controllers } from '../../controller-manager/controllers.ts'
import { createAuthority } from '../../shared/certificates/authority.ts'
import { namespaces } from '../../shared/client/resources.ts'
import { parseTranscript, replay, type Step } from '../cluster/transcript.ts'
import { startManager } from '../controller-manager/running-controllers.ts'
import { startTestApiServer, type TestApiServer } from '../support/api-server.ts'
import { testDirectory } from '../support/directory.ts'
import { startHollowKubelet } from '../support/hollow-kubelet.ts'

/** Stories told at the same time. */
const JOBS = 4
const STORIES = fileURLToPath(new URL('./kubectl/', import.meta.url))
const MANIFESTS = join(STORIES, 'manifests')

interface Kubectl {
  path: string
  /** Infinite for the one on the PATH, which may choose among versions by itself. */
  minor: number
  /** Only these stories. Default: all. */
  only?: readonly string[]
}

/** The kubectl on the PATH, and of the versions that are installed beside it the oldest, one in the middle, the newest. */
function findKubectls(): Kubectl[] {
  const found = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'kubectl'))
    .find((path) => existsSync(path))
  if (found === undefined) return []
  const usual = realpathSync(found)
  const beside = readdirSync(dirname(usual))
    .map((name) => /^kubectl\.1\.(\d+)$/.exec(name)?.[1])
    .filter((minor) => minor !== undefined)
    .map((minor) => ({ path: join(dirname(usual), `kubectl.1.${minor}`), minor: Number(minor) }))
    .sort((a, b) => a.minor - b.minor)
  if (beside.length === 0) return [{ path: usual, minor: Number.POSITIVE_INFINITY }]
  const [oldest, middle, newest] = [beside[0]!, beside[beside.length >> 1]!, beside.at(-1)!]
  // All that the ones in between can get wrong is what they ask first.
  const few: Kubectl[] = [
    { ...middle, only: ['apply', 'server-side'] },
    { path: usual, minor: Number.POSITIVE_INFINITY, only: ['nodes'] },
  ]
  return [...new Set([oldest, newest]), ...few]
}

interface Story {
  name: string
  steps: Step[]
  /** Oldest minor version that it is told to. */
  since: number
}

const stories: readonly Story[] = readdirSync(STORIES)
  .filter((file) => file.endsWith('.txt'))
  .map((file) => {
    const [, name = '', since] = /^(.*?)(?:-1\.(\d+))?\.txt$/.exec(file)!
    const steps = parseTranscript(readFileSync(join(STORIES, file), 'utf8'))
    return { name: since === undefined ? name : `${name}-1-${since}`, steps, since: Number(since ?? 0) }
  })

/** A home directory: a kubeconfig for the story's namespace, and what its commands read. */
async function prepare(t: Test, server: TestApiServer, { story, kubectl }: { story: Story; kubectl: Kubectl }) {
  const home = testDirectory(t)
  mkdirSync(join(home, 'bin'))
  symlinkSync(kubectl.path, join(home, 'bin/kubectl'))
  const config = JSON.parse(readFileSync(server.kubeconfig, 'utf8'))
  config.contexts[0].context.namespace = story.name
  writeFileSync(join(home, 'config'), JSON.stringify(config), { mode: 0o600 })
  const pair = await (await createAuthority('demo')).issue({ commonName: 'demo', usages: ['server'] })
  writeFileSync(join(home, 'tls.crt'), pair.certificate)
  writeFileSync(join(home, 'tls.key'), pair.key)
  return {
    HOME: home,
    TMPDIR: home,
    PATH: [join(home, 'bin'), process.env.PATH].join(delimiter),
    KUBECONFIG: join(home, 'config'),
    KUBE_EDITOR: 'sed -i s/before/after/',
    NAMESPACE: story.name,
  }
}

async function tell(t: Test, server: TestApiServer, { story, kubectl }: { story: Story; kubectl: Kubectl }) {
  const env = await prepare(t, server, { story, kubectl })
  await server.client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: story.name } })
  await replay(story.steps, { env, cwd: MANIFESTS, deadlineMs: 60_000 })
  t.pass(`${story.steps.length} commands`)
}

const kubectls = findKubectls()
if (kubectls.length === 0) t.test('kubectl', { skip: 'kubectl is not installed' }, async () => undefined)
for (const kubectl of kubectls) {
  const { minor, only } = kubectl
  const told = stories.filter(({ name, since }) => minor >= since && (only === undefined || only.includes(name)))
  t.test(basename(kubectl.path), async (t) => {
    const server = await startTestApiServer(testDirectory(t))
    const manager = startManager(server, Object.values(controllers))
    // What would be a cluster's business runs in one story only; in the others pods wait for a node.
    const kubelet = startHollowKubelet(server.client, { isHealthy: ({ metadata }) => metadata.namespace === 'rollout' })
    t.teardown(async () => {
      await kubelet.close()
      await manager.close()
      await server.close()
    })
    t.jobs = JOBS
    for (const story of told) t.test(story.name, { buffered: true }, (t) => tell(t, server, { story, kubectl }))
  })
}
