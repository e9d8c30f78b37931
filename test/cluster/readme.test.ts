/** Every command of the README runs, in its order, in one shell, as a reader would type them. */
import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { findKubectl, processesOf, run, TestCluster } from '../support/cluster.ts'
import { testDirectory } from '../support/directory.ts'

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url))

/** What `npm ci` and a checkout give: the reader's directory, in which the cluster's own files are made. */
const CHECKOUT = ['package.json', 'node_modules', 'cluster', 'examples']

/** These two start the cluster and run the tests: here the test itself does. */
const THE_TWO_COMMANDS = ['npm ci && npm start', 'npm test']

/** The commands of the README's `sh` blocks, one per line; a backslash at the end of a line goes on. */
const commands = (markdown: string): string[] =>
  [...markdown.matchAll(/```sh\n([\s\S]*?)```/g)]
    .flatMap(([, block]) => block!.replaceAll('\\\n', ' ').trim().split('\n'))
    .filter((line) => !THE_TWO_COMMANDS.includes(line) && !line.startsWith('#'))

/** A shell script that runs the commands in turn, tells each one on standard error and stops at the first that fails. */
const script = (lines: readonly string[]) =>
  [
    'set -e -o pipefail',
    // Once as it is written; npm takes half a second each time to find what it then runs.
    'npx kubeproc version',
    'npx() { shift; node cluster/kubeproc.js "$@"; }',
    ...lines.flatMap((line) => [`echo ${JSON.stringify(`$ ${line}`).replaceAll('$', '\\$')} >&2`, line]),
  ].join('\n')

const kubectl = await findKubectl()

t.test('every command of the README', { skip: kubectl === undefined && 'kubectl is not installed' }, async (t) => {
  const directory = testDirectory(t)
  for (const name of CHECKOUT) symlinkSync(join(REPOSITORY, name), join(directory, name))
  const dataDir = join(directory, '.kubeproc')
  const cluster = await TestCluster.start({ dataDir })
  t.teardown(() => cluster.stop())
  const lines = commands(readFileSync(join(REPOSITORY, 'README.md'), 'utf8')).map((line) =>
    line.replaceAll('https://127.0.0.1:6443', cluster.server),
  )
  t.ok(lines.length > 20, 'the README has commands')
  const { code, stdout, stderr } = await run('bash', ['-c', script(lines)], { cwd: directory, timeoutMs: 200_000 })
  if (code !== 0) t.comment(`the last command told is the one that failed:\n${stderr}\n${stdout}`)
  t.equal(code, 0, 'every command succeeds')
  await cluster.stop()
  t.same(processesOf(dataDir), [])
})
