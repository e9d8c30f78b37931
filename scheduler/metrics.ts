/** What the scheduler counts of its work, named as upstream's metrics. */
import {
  createHistogram,
  type Histogram,
  histogramValues,
  type Labels,
  type Metric,
  observe,
} from '../shared/metrics/metric.ts'
import type { QueueSizes } from './queue.ts'

/** What came of one try: the pod was bound, no node would do, or the binding failed. */
export type Outcome = 'scheduled' | 'unschedulable' | 'error'

/** From a millisecond to some 16 seconds, each twice the one before. */
const BOUNDS_SECONDS = Array.from({ length: 15 }, (_, index) => 0.001 * 2 ** index)
const ATTEMPT_DURATION = 'scheduler_scheduling_attempt_duration_seconds'
const ALGORITHM_DURATION = 'scheduler_scheduling_algorithm_duration_seconds'

export interface SchedulerMetrics {
  /** A decision was made, in so many seconds. */
  decided(seconds: number): void
  /** A try has ended, so many seconds after it began. */
  attempted(outcome: Outcome, seconds: number): void
  readonly all: readonly Metric[]
}

export function createSchedulerMetrics(profile: string, queueSizes: () => QueueSizes): SchedulerMetrics {
  const decisions = createHistogram(BOUNDS_SECONDS)
  const attempts = new Map<Outcome, Histogram>()
  const labelsOf = (result: Outcome): Labels => ({ profile, result })
  const countOf = ({ counts }: Histogram) => counts.reduce((sum, count) => sum + count, 0)
  return {
    decided: (seconds) => observe(decisions, seconds),
    attempted(outcome, seconds) {
      const histogram = attempts.get(outcome) ?? createHistogram(BOUNDS_SECONDS)
      attempts.set(outcome, histogram)
      observe(histogram, seconds)
    },
    all: [
      {
        name: 'scheduler_schedule_attempts_total',
        help: 'Tries to schedule pods, by what came of them.',
        type: 'counter',
        values: () => [...attempts].map(([result, each]) => ({ labels: labelsOf(result), value: countOf(each) })),
      },
      {
        name: ATTEMPT_DURATION,
        help: 'Seconds from the begin of a try until the pod was bound or given up.',
        type: 'histogram',
        values: () =>
          [...attempts].flatMap(([result, each]) => histogramValues(ATTEMPT_DURATION, labelsOf(result), each)),
      },
      {
        name: ALGORITHM_DURATION,
        help: 'Seconds that decisions took.',
        type: 'histogram',
        values: () => histogramValues(ALGORITHM_DURATION, {}, decisions),
      },
      {
        name: 'scheduler_pending_pods',
        help: 'Pods that wait, by queue.',
        type: 'gauge',
        values: () => Object.entries(queueSizes()).map(([queue, value]) => ({ labels: { queue }, value })),
      },
    ],
  }
}
