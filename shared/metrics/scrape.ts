import type { Counter, Registry } from 'prom-client'
import type { Metric } from './metric.ts'

/** How often the event loop's delay is looked at, once somebody has asked for metrics; often enough for a histogram. */
const EVENT_LOOP_PRECISION_MS = 100

export interface Scrape {
  contentType: string
  text: string
}

/**
 * Makes the text of metrics for Prometheus, with what the library knows of the process itself. It is loaded for the
 * first one who asks: that takes longer than starting many a program.
 */
export function createScraper(metrics: readonly Metric[]): () => Promise<Scrape> {
  let registry: Promise<Registry> | undefined

  async function open(): Promise<Registry> {
    const { Registry, collectDefaultMetrics } = await import('prom-client')
    const opened = new Registry()
    collectDefaultMetrics({ register: opened, eventLoopMonitoringPrecision: EVENT_LOOP_PRECISION_MS })
    for (const { values, ...metric } of metrics) {
      // The library's own metrics count for themselves; all that a registry asks of one is its values.
      const counted = { ...metric, get: async () => ({ ...metric, values: values() }) }
      opened.registerMetric(counted as unknown as Counter)
    }
    return opened
  }

  return async () => {
    registry ??= open()
    const opened = await registry
    return { contentType: opened.contentType, text: await opened.metrics() }
  }
}
