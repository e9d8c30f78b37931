/** What the node and its containers use, under upstream's paths. */
import { availableParallelism } from 'node:os'
import type { FastifyInstance } from 'fastify'
import type { SnapshotDeps } from '../stats/snapshot.ts'

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** The kubelet itself, from its start. */
function ownUsage() {
  const { user, system } = process.cpuUsage()
  return { cpuSeconds: (user + system) / 1e6, memoryBytes: process.memoryUsage.rss() }
}

/** Serves the paths; what it takes to measure is loaded with the first request. */
export function addStatsRoutes(app: FastifyInstance, deps: SnapshotDeps & { nodeName: string }): void {
  const { nodeName } = deps
  let loaded: ReturnType<typeof load> | undefined
  async function load() {
    const [{ createSnapshots }, { summaryOf }, metrics] = await Promise.all([
      import('../stats/snapshot.ts'),
      import('../stats/summary.ts'),
      import('../stats/metrics.ts'),
    ])
    return { take: createSnapshots(deps), summaryOf, ...metrics }
  }
  const stats = () => {
    loaded ??= load()
    return loaded
  }
  app.get('/stats/summary', async () => {
    const { take, summaryOf } = await stats()
    return summaryOf(await take(), nodeName)
  })
  app.get('/metrics/resource', async (_request, reply) => {
    const { take, resourceMetrics } = await stats()
    return reply.type(METRICS_TYPE).send(resourceMetrics(await take()))
  })
  app.get('/metrics/cadvisor', async (_request, reply) => {
    const { take, containerMetrics } = await stats()
    return reply.type(METRICS_TYPE).send(containerMetrics(await take(), availableParallelism()))
  })
  app.get('/metrics', async (_request, reply) => {
    const { take, kubeletMetrics } = await stats()
    return reply.type(METRICS_TYPE).send(kubeletMetrics(await take(), nodeName, ownUsage()))
  })
}
