/** Metrics as they are scraped. What counts them is plain numbers of ours: the library is loaded for the first scrape. */

export type Labels = Readonly<Record<string, string>>

export interface Value {
  labels: Labels
  value: number
  /** Where it is not the metric's own: `…_bucket`, `…_sum`, `…_count` of a histogram. */
  metricName?: string
}

/** One metric with all its labels: named as upstream's. */
export interface Metric {
  name: string
  help: string
  type: 'counter' | 'gauge' | 'histogram'
  /** Its values now. */
  values(): Value[]
}

/** Durations counted by how long they were at most. */
export interface Histogram {
  /** Upper bounds in seconds, rising. */
  readonly bounds: readonly number[]
  /** How many were within each bound and above the one before; the last are beyond all. */
  readonly counts: number[]
  sum: number
}

export const createHistogram = (bounds: readonly number[]): Histogram => ({
  bounds,
  counts: new Array<number>(bounds.length + 1).fill(0),
  sum: 0,
})

export function observe(histogram: Histogram, seconds: number): void {
  const { bounds, counts } = histogram
  let index = 0
  while (index < bounds.length && seconds > bounds[index]!) index++
  counts[index]!++
  histogram.sum += seconds
}

/** Adds what another one of equal bounds has counted. */
export function addHistogram(target: Histogram, { counts, sum }: Histogram): void {
  counts.forEach((count, index) => {
    target.counts[index]! += count
  })
  target.sum += sum
}

/** The lines of a histogram: each bucket says how many were within its bound, those of smaller ones included. */
export function histogramValues(name: string, labels: Labels, { bounds, counts, sum }: Histogram): Value[] {
  let total = 0
  const buckets = counts.map((count, index) => {
    total += count
    const le = index < bounds.length ? String(bounds[index]) : '+Inf'
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: total }
  })
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: total },
  ]
}
