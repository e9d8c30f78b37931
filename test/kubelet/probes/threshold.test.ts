import t from 'tap'
import { count, NO_RESULTS, type Tally } from '../../../kubelet/probes/threshold.ts'

/** Results as letters (s, f) and the verdict after each: `s`, `f`, or `-` for none. */
function verdicts(results: string, successThreshold: number, failureThreshold: number): string {
  let tally: Tally = NO_RESULTS
  return [...results]
    .map((result) => {
      const counted = count(tally, result === 's', { successThreshold, failureThreshold })
      tally = counted.tally
      return counted.verdict === undefined ? '-' : counted.verdict ? 's' : 'f'
    })
    .join('')
}

const rows: [title: string, results: string, success: number, failure: number, wanted: string][] = [
  ['one success is enough', 's', 1, 3, 's'],
  ['three failures in a row', 'fff', 1, 3, '--f'],
  ['a success in between begins anew', 'ffsff', 1, 3, '--s--'],
  ['successes may have to come in a row as well', 'sfss', 2, 1, '-f-s'],
  ['the verdict is repeated', 'ssff', 1, 1, 'ssff'],
]

for (const [title, results, success, failure, wanted] of rows) {
  t.test(title, async (t) => t.equal(verdicts(results, success, failure), wanted))
}
