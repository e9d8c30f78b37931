/**
 * `npm run bench [NAME …]`: runs all benchmarks or the named ones; `design` is those whose figures the design names. Prints
 * a table, or JSON with `--output=json`.
 */
import { formatTable } from '../cluster/status.ts'
import { parseFlags } from '../shared/flags.ts'
import { apiserver } from './apiserver.ts'
import { auth } from './auth.ts'
import { controllers, quiet } from './controllers.ts'
import { hollow } from './hollow.ts'
import { kubelet } from './kubelet.ts'
import { limits } from './limits.ts'
import { pods } from './pods.ts'
import { type Benchmark, type Summary, summarize } from './sample.ts'
import { scheduler } from './scheduler.ts'
import { startServer } from './start-server.ts'
import { startup } from './startup.ts'
import { storage } from './storage.ts'
import { workload } from './workload.ts'

const DESIGN: readonly Benchmark[] = [startServer, startup, workload, apiserver]
const BENCHMARKS: readonly Benchmark[] = [
  ...DESIGN,
  limits,
  auth,
  storage,
  controllers,
  quiet,
  scheduler,
  kubelet,
  pods,
  hollow,
]

const FLAGS = {
  output: { type: 'string', choices: ['table', 'json'], default: 'table', description: 'Form of the result.' },
} as const

const figure = (value: number | undefined) => {
  if (value === undefined) return ''
  return value < 10 ? value.toFixed(3) : value < 1000 ? value.toFixed(1) : value.toFixed(0)
}

const HEADINGS = ['MEASURED', 'UNIT', 'MEDIAN', 'MIN', 'MAX', 'P99 MS', 'SERVER MS', 'CLIENT CPU', 'RUNS', 'WANTED']

const row = ({ name, unit, median, min, max, samples, wanted = '', ...more }: Summary): string[] => {
  const { p99Ms, serverMs, clientShare, against, skipped = '' } = more
  return [
    ...[name, unit, figure(median), figure(min), figure(max), figure(p99Ms), figure(serverMs), figure(clientShare)],
    ...[String(samples), wanted],
    ...(against === undefined ? ['', '', skipped] : [figure(against.median), figure(against.times), against.name]),
  ]
}

const format = (summaries: readonly Summary[]) =>
  formatTable([[...HEADINGS, 'THEIRS', 'TIMES BETTER', 'AGAINST'], ...summaries.map(row)])

const { flags, words } = parseFlags(FLAGS, process.argv.slice(2))
const unknown = words.filter((word) => word !== 'design' && !BENCHMARKS.some(({ name }) => name === word))
if (unknown.length > 0) {
  const names = BENCHMARKS.map(({ name }) => name).join(', ')
  console.error(`no benchmark ${unknown.join(', ')}: there are ${names}, and design for the first ${DESIGN.length}`)
  process.exit(2)
}

const isChosen = (benchmark: Benchmark) =>
  words.length === 0 || words.includes(benchmark.name) || (words.includes('design') && DESIGN.includes(benchmark))

const summaries: Summary[] = []
for (const benchmark of BENCHMARKS.filter(isChosen)) {
  console.error(`${benchmark.name}: ${benchmark.description}`)
  summaries.push(...(await benchmark.run()).map(summarize))
}
console.log(flags.output === 'json' ? JSON.stringify(summaries, null, 2) : format(summaries))
