/** `npm run bench [NAME …]`: runs all benchmarks or the named ones; prints a table, or JSON with `--output=json`. */
import { formatTable } from '../cluster/status.ts'
import { parseFlags } from '../shared/flags.ts'
import { apiserver } from './apiserver.ts'
import { controllers, quiet } from './controllers.ts'
import { hollow } from './hollow.ts'
import { type Benchmark, type Summary, summarize } from './sample.ts'
import { scheduler } from './scheduler.ts'
import { startup } from './startup.ts'
import { storage } from './storage.ts'
import { workload } from './workload.ts'

const BENCHMARKS: readonly Benchmark[] = [startup, workload, storage, apiserver, controllers, quiet, scheduler, hollow]

const FLAGS = {
  output: { type: 'string', choices: ['table', 'json'], default: 'table', description: 'Form of the result.' },
} as const

const figure = (value: number) => (value < 10 ? value.toFixed(3) : value.toFixed(1))

const format = (summaries: readonly Summary[]) =>
  formatTable([
    ['MEASURED', 'UNIT', 'MEDIAN', 'MIN', 'MAX', 'RUNS', 'WANTED'],
    ...summaries.map(({ name, unit, median, min, max, samples, wanted }) => [
      name,
      unit,
      figure(median),
      figure(min),
      figure(max),
      String(samples),
      wanted ?? '',
    ]),
  ])

const { flags, words } = parseFlags(FLAGS, process.argv.slice(2))
const unknown = words.filter((word) => !BENCHMARKS.some(({ name }) => name === word))
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}: there are ${BENCHMARKS.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}

const summaries: Summary[] = []
for (const benchmark of BENCHMARKS.filter(({ name }) => words.length === 0 || words.includes(name))) {
  console.error(`${benchmark.name}: ${benchmark.description}`)
  summaries.push(...(await benchmark.run()).map(summarize))
}
console.log(flags.output === 'json' ? JSON.stringify(summaries, null, 2) : format(summaries))
