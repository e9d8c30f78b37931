/** The rules that keep the repository's parts apart, read from the sources themselves. Each failure names file and remedy. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { findChain, readSourceFiles, type SourceFile } from './support/source-files.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const all = readSourceFiles(root)
const byPath = new Map(all.map((file) => [file.path, file]))
const isTest = ({ room }: SourceFile) => room === 'test' || room === 'bench'
const sources = all.filter((file) => !isTest(file))

/** Folders that each room may import from beside itself. Components meet over HTTP only. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  apiserver: ['shared/'],
  'controller-manager': ['shared/'],
  scheduler: ['shared/'],
  kubelet: ['shared/'],
  shared: [],
  // `kubeproc why` decides as the scheduler does, by one pure function of it.
  cluster: [
    ...['shared/', 'kubelet/images/', 'kubelet/runtime/supervisor/ask.ts', 'scheduler/explain.ts'],
    // The launcher finds out what the machine allows once for all nodes.
    ...['kubelet/runtime/detect.ts', 'kubelet/runtime/runtime-names.ts'],
  ],
}

/** Where a package may be used; those not listed may be used anywhere. */
const HOMES: Readonly<Record<string, RegExp>> = {
  'better-sqlite3': /^apiserver\/storage\//,
  croner: /^shared\/cron\.ts$/,
  jose: /^apiserver\/auth\/service-account\//,
  execa: /^kubelet\/runtime\//,
  undici: /^(shared\/client|kubelet\/probes|apiserver\/http)\//,
  fastify: /^(.+\/)?http\//,
  '@lydell/node-pty': /^kubelet\/runtime\//,
  ws: /^(.+\/)?http\//,
  typebox: /^(shared\/api|apiserver)\//,
  pino: /^shared\/log\.ts$/,
}

const IO_MODULES = new Set([
  ...['child_process', 'cluster', 'dgram', 'dns', 'dns/promises', 'fs', 'fs/promises', 'http', 'http2', 'https'],
  ...['inspector', 'net', 'os', 'process', 'readline', 'repl', 'sqlite', 'timers', 'timers/promises', 'tls', 'tty'],
  'worker_threads',
])
const IO_PACKAGES = new Set(['@lydell/node-pty', 'better-sqlite3', 'execa', 'fastify', 'pino', 'undici', 'ws'])

/** Files that decide and do not act: by name, or by the folder that they are in. */
const isPure = ({ path }: SourceFile) =>
  /(^|\/)(reconcile|plan|filter|score)[^/]*\.ts$/.test(path) ||
  /^(apiserver\/admission|scheduler\/plugins|scheduler\/state)\//.test(path) ||
  /^scheduler\/(cycle|explain|hints|messages|pod-info|pod-terms|spread-constraints)\.ts$/.test(path)

/** Files outside the processes that the clock is handed to: the clock itself, and code that runs inside containers. */
const OWN_TIME = /^(shared\/clock\.ts|kubelet\/preload\/.*|cluster\/.*)$/

/** Runs one rule over files and reports each violation as its own failure. */
function rule(title: string, files: readonly SourceFile[], violations: (file: SourceFile) => readonly string[]) {
  t.test(title, async (t) => {
    t.ok(files.length > 0, 'there are files to judge')
    for (const file of files) for (const violation of violations(file)) t.fail(`${file.path}: ${violation}`)
  })
}

rule('relative imports lead to files', sources, ({ imports }) =>
  imports
    .filter(({ kind, target }) => kind === 'path' && target.endsWith('.ts') && !byPath.has(target))
    .map(({ specifier }) => `there is no ${specifier}`),
)

rule('rooms import shared and themselves only', sources, ({ room, imports }) => {
  const allowed = MAY_IMPORT[room]
  if (allowed === undefined) return [`the room ${room}/ is not in the list of this test`]
  return imports
    .filter(
      ({ kind, target }) => kind === 'path' && ![`${room}/`, ...allowed].some((prefix) => target.startsWith(prefix)),
    )
    .map(({ target }) => `${room}/ may not import ${target}; what both need belongs in shared/`)
})

rule('packages are used in their homes', sources, ({ path, imports }) =>
  imports
    .filter(({ kind, target }) => kind === 'package' && HOMES[target]?.test(path) === false)
    .map(({ target }) => `${target} may only be used in files that match ${HOMES[target]}`),
)

const { dependencies } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))
rule('sources use production dependencies only', sources, ({ imports }) =>
  imports
    .filter(({ kind, target }) => kind === 'package' && !Object.hasOwn(dependencies, target))
    .map(({ target }) => `${target} is not among the dependencies of package.json`),
)

rule('pure files reach no input or output', sources.filter(isPure), (file) => {
  const chain = findChain(
    byPath,
    file,
    ({ kind, target }) =>
      (kind === 'node' && IO_MODULES.has(target.slice('node:'.length))) ||
      (kind === 'package' && IO_PACKAGES.has(target)),
  )
  return chain === undefined ? [] : [`a pure file may not load ${chain.slice(1).join(' -> ')}`]
})

rule('decisions depend on their arguments alone', sources.filter(isPure), ({ text }) =>
  [...text.matchAll(/\b(Date\.now|Math\.random|new Date\(\)|setTimeout|process\.\w+)/g)].map(
    ([found]) => `a pure file may not use ${found}; take it as an argument`,
  ),
)

const withoutSchemas = sources.filter(({ room }) => !['apiserver', 'shared'].includes(room))
rule('only the API server loads the schemas', withoutSchemas, (file) => {
  const chain = findChain(byPath, file, ({ target }) => target === 'typebox')
  return chain === undefined ? [] : [`loads ${chain.slice(1).join(' -> ')} at run time; use \`import type\``]
})

const timed = sources.filter(({ path }) => !OWN_TIME.test(path))
rule('time comes from the injected clock', timed, ({ text, imports }) => [
  ...[...text.matchAll(/\b(Date\.now\(|new Date\(\)|setTimeout\(|setInterval\(|performance\.now\()/g)].map(
    ([found]) => `uses ${found}; take a Clock`,
  ),
  ...imports.filter(({ target }) => /^node:timers/.test(target)).map(({ target }) => `uses ${target}; take a Clock`),
])

rule('there is no state at module level', sources, ({ text }) =>
  [...text.matchAll(/^(?:export )?(?:(?:let|var) \w+|const \w+ = new (?:Map|Set|WeakMap|WeakSet)(?:<.*>)?\(\))/gm)].map(
    ([found]) => `\`${found}\` is state at module level; make it in a function`,
  ),
)

const VAGUE = /^(utils?|helpers?|common|base|misc|data|managers?)$/
rule('names say what is inside', all, ({ path }) =>
  path
    .replace(/(\.test)?\.ts$/, '')
    .replace(/(^|\/)controller-manager\//, '$1')
    .split('/')
    .filter((name) => VAGUE.test(name) || /[^a-z0-9-]/.test(name))
    .map((name) => `${name} is vague or not kebab-case`),
)

const LINES_MAX = 400
rule(`no file is longer than ${LINES_MAX} lines`, all, ({ text }) => {
  const lines = text.split('\n').length - 1
  return lines > LINES_MAX ? [`has ${lines} lines: split it by idea`] : []
})

rule('nothing is exported without a name', sources, ({ text }) =>
  /^export default\b/m.test(text) ? ['has a default export'] : [],
)

const DIRECTORY = 'test/support/directory.ts'
const tests = all.filter(({ path }) => path.startsWith('test/') && path !== DIRECTORY)
rule('directories of tests outlive what runs in them', tests, ({ text }) =>
  /\.testdir\(/.test(text) ? [`calls testdir(); \`testDirectory\` of ${DIRECTORY} removes it after the teardowns`] : [],
)

rule('nothing is left to do', all, ({ text }) =>
  [...text.matchAll(/\b(TO[D]O|FIX[M]E|X[X]X)\b/g)].map(([found]) => `says ${found}`),
)
