/** What a benchmark measures and how its samples are summed up. */

/** One figure, measured several times. */
export interface Series {
  /** What was measured: `empty directory to 3 nodes Ready`. */
  name: string
  unit: 's' | 'ms' | 'µs' | 'MB' | 'kB' | '/s' | 'x' | '%'
  samples: number[]
  /** What it must reach, from docs/performance.md: `< 1.5`. */
  wanted?: string
  /** The longest wait but for one in a hundred, in milliseconds, of each run. */
  p99Ms?: number[]
  /** Processor time of the server for one request or delivery, in milliseconds. */
  serverMs?: number[]
  /** Processors that the load generator used: near 1 it would be what was measured. */
  clientShare?: number[]
  /** The same, measured in turn on something else on the same machine. */
  against?: { name: string; samples: number[] }
  /** Why there is nothing to compare with, or nothing at all. */
  skipped?: string
}

export interface Benchmark {
  /** One word, to choose it on the command line. */
  name: string
  /** One sentence on what it does. */
  description: string
  run(): Promise<Series[]>
}

export interface Summary {
  name: string
  unit: Series['unit']
  median: number
  min: number
  max: number
  samples: number
  wanted?: string
  p99Ms?: number
  serverMs?: number
  clientShare?: number
  /** `times`: how many times better than it, as the median of the runs' ratios. */
  against?: { name: string; median: number; times: number }
  skipped?: string
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** How many times better our samples are, run by run: more of a rate, less of anything else. */
const timesBetter = (unit: Series['unit'], ours: readonly number[], theirs: readonly number[]) =>
  median(ours.map((our, run) => (unit === '/s' ? our / theirs[run]! : theirs[run]! / our)))

export function summarize(series: Series): Summary {
  const { name, unit, samples, wanted, p99Ms, serverMs, clientShare, against, skipped } = series
  return {
    name,
    unit,
    median: median(samples),
    min: Math.min(...samples),
    max: Math.max(...samples),
    samples: samples.length,
    ...(wanted !== undefined && { wanted }),
    ...(p99Ms !== undefined && { p99Ms: median(p99Ms) }),
    ...(serverMs !== undefined && { serverMs: median(serverMs) }),
    ...(clientShare !== undefined && { clientShare: median(clientShare) }),
    ...(against !== undefined && {
      against: {
        name: against.name,
        median: median(against.samples),
        times: timesBetter(unit, samples, against.samples),
      },
    }),
    ...(skipped !== undefined && { skipped }),
  }
}
