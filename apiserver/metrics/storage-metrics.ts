import type { Clock } from '../../shared/clock.ts'
import { createHistogram, type Histogram, histogramValues, type Metric, observe } from '../../shared/metrics/metric.ts'
import type { Storage, Write } from '../storage/storage.ts'

/** Upstream's buckets of the store's requests, in seconds. */
const BOUNDS = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60]
const NAME = 'etcd_request_duration_seconds'

/** `pods`, `leases.coordination.k8s.io` of a key or a prefix: `/GROUP/RESOURCE/…`. */
function resourceOf(key: string): string {
  const [, group = '', resource = ''] = key.split('/')
  return group === 'core' || group === '' ? resource : `${resource}.${group}`
}

const operationOf = ({ expected, value }: Write) =>
  value === undefined ? 'delete' : expected === 0 ? 'create' : 'update'

/** The same store, and how long its work takes. The names are those of upstream's store, which is etcd. */
export function measureStorage(storage: Storage, clock: Clock): { storage: Storage; metrics: Metric[] } {
  const histograms = new Map<string, Map<string, Histogram>>()

  const histogramOf = (operation: string, type: string): Histogram => {
    const ofOperation = histograms.get(operation) ?? new Map<string, Histogram>()
    histograms.set(operation, ofOperation)
    const found = ofOperation.get(type) ?? createHistogram(BOUNDS)
    ofOperation.set(type, found)
    return found
  }
  async function measured<Result>(operation: string, key: string, work: Promise<Result>): Promise<Result> {
    const startMs = clock.nowMs()
    try {
      return await work
    } finally {
      observe(histogramOf(operation, resourceOf(key)), Math.max(0, clock.nowMs() - startMs) / 1000)
    }
  }

  return {
    storage: {
      range: (prefix, options) => measured('list', prefix, storage.range(prefix, options)),
      get: (key) => measured('get', key, storage.get(key)),
      write: (write) => measured(operationOf(write), write.key, storage.write(write)),
      watch: (after, signal) => storage.watch(after, signal),
      currentRevision: () => storage.currentRevision(),
      compactedRevision: () => storage.compactedRevision(),
      compact: (revision) => storage.compact(revision),
      snapshot: (signal) => storage.snapshot(signal),
      close: () => storage.close(),
    },
    metrics: [
      {
        name: NAME,
        help: 'Seconds that the store took, by operation and resource.',
        type: 'histogram',
        values: () =>
          [...histograms].flatMap(([operation, ofOperation]) =>
            [...ofOperation].flatMap(([type, histogram]) => histogramValues(NAME, { operation, type }, histogram)),
          ),
      },
    ],
  }
}
