/** What a benchmark measures and how its samples are summed up. */

/** One figure, measured several times. */
export interface Series {
  /** What was measured: `empty directory to 3 nodes Ready`. */
  name: string
  unit: 's' | 'ms' | 'MB' | '/s' | 'x'
  samples: number[]
  /** What it must reach, from docs/performance.md: `< 1.5`. */
  wanted?: string
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
}

const median = (sorted: readonly number[]): number => {
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

export function summarize({ name, unit, samples, wanted }: Series): Summary {
  const sorted = samples.toSorted((a, b) => a - b)
  return {
    name,
    unit,
    median: median(sorted),
    min: sorted[0]!,
    max: sorted.at(-1)!,
    samples: sorted.length,
    ...(wanted !== undefined && { wanted }),
  }
}
