import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from '../shared/client/client.ts'
import { createClient } from '../shared/client/http-client.ts'
import { pods, replicationControllers } from '../shared/client/resources.ts'
import { eventually, memoryOf, TestCluster } from '../test/support/cluster.ts'
import type { Benchmark, Series } from './sample.ts'

const RUNS = 7
const REPLICAS = 3
const SCALED_REPLICAS = 30
const NAMESPACE = 'default'
const POLL_MS = 5

const isReady = (pod: { status?: { conditions?: { type: string; status: string }[] } }) =>
  pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true

const replicationController = (name: string, replicas: number) => ({
  apiVersion: 'v1',
  kind: 'ReplicationController',
  metadata: { name, namespace: NAMESPACE },
  spec: {
    replicas,
    selector: { app: name },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'kubia', image: 'luksa/kubia', ports: [{ containerPort: 8080 }] }] },
    },
  },
})

async function readyCount(client: Client, app: string): Promise<number> {
  const { items } = await client.list(pods, { namespace: NAMESPACE, labelSelector: `app=${app}` })
  return items.filter(isReady).length
}

async function secondsUntilReady(client: Client, app: string, wanted: number): Promise<number> {
  const startedAt = performance.now()
  await eventually(async () => (await readyCount(client, app)) === wanted, { everyMs: POLL_MS, deadlineMs: 60_000 })
  return (performance.now() - startedAt) / 1000
}

async function removed(client: Client, app: string): Promise<void> {
  await client.delete(replicationControllers, { name: app, namespace: NAMESPACE }, { propagationPolicy: 'Background' })
  await eventually(async () => {
    const { items } = await client.list(pods, { namespace: NAMESPACE, labelSelector: `app=${app}` })
    return items.length === 0
  })
}

/** Seconds from the answer to a pod's deletion until as many as before are Ready without it. */
async function secondsUntilReplaced(client: Client, app: string): Promise<number> {
  const { items } = await client.list(pods, { namespace: NAMESPACE, labelSelector: `app=${app}` })
  const { name } = items[0]!.metadata
  await client.delete(pods, { name, namespace: NAMESPACE }, { gracePeriodSeconds: 1 })
  const startedAt = performance.now()
  await eventually(
    async () => {
      const { items: now } = await client.list(pods, { namespace: NAMESPACE, labelSelector: `app=${app}` })
      return now.filter((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined).length === items.length
    },
    { everyMs: POLL_MS, deadlineMs: 60_000 },
  )
  return (performance.now() - startedAt) / 1000
}

/** Megabytes (PSS) of what a cluster of one node runs beside the API server. */
async function memoryOfOthers(cluster: TestCluster): Promise<number> {
  const { components } = await cluster.status()
  const counted = components.filter(({ name }) => ['controller-manager', 'scheduler', 'node-1'].includes(name))
  return counted.reduce((sum, { pid }) => sum + memoryOf(pid!), 0) / 1e6
}

/** Megabytes (PSS) of the control plane and the kubelets. */
async function memoryMegabytes(cluster: TestCluster): Promise<number> {
  const { components } = await cluster.status()
  return components.reduce((sum, { pid }) => sum + (pid === undefined ? 0 : memoryOf(pid)), 0) / 1e6
}

export const workload: Benchmark = {
  name: 'workload',
  description: 'A ReplicationController of 3 to 3 Ready, scaled to 30 Ready, and the memory at rest before.',
  async run(): Promise<Series[]> {
    const dataDir = await mkdtemp(join(tmpdir(), 'kubeproc-bench-'))
    const cluster = await TestCluster.start({ dataDir })
    const client = createClient({ kubeconfig: cluster.kubeconfig, userAgent: 'kubeproc-bench' })
    const created: number[] = []
    const scaled: number[] = []
    const replaced: number[] = []
    const others: number[] = []
    const memory = [await memoryMegabytes(cluster)]
    try {
      for (let index = 0; index < RUNS; index += 1) {
        const name = `kubia-${index}`
        await client.create(replicationControllers, replicationController(name, REPLICAS))
        created.push(await secondsUntilReady(client, name, REPLICAS))
        replaced.push(await secondsUntilReplaced(client, name))
        await client.patch(
          replicationControllers,
          { name, namespace: NAMESPACE },
          { type: 'merge', body: { spec: { replicas: SCALED_REPLICAS } } },
        )
        scaled.push(await secondsUntilReady(client, name, SCALED_REPLICAS))
        await removed(client, name)
      }
      others.push(await memoryOfOthers(cluster))
    } finally {
      await client.close()
      await cluster.stop()
      await rm(dataDir, { recursive: true })
    }
    return [
      { name: 'RC of 3 created to 3 Ready', unit: 's', samples: created, wanted: '< 0.6' },
      { name: 'deleted pod to replaced and Ready', unit: 's', samples: replaced, wanted: '< 0.5' },
      { name: 'scaled from 3 to 30 Ready', unit: 's', samples: scaled, wanted: '< 3' },
      { name: 'memory (PSS) of control plane and 3 kubelets at rest', unit: 'MB', samples: memory, wanted: '< 400' },
      { name: 'memory (PSS) of controllers, scheduler and one kubelet after that', unit: 'MB', samples: others },
    ]
  },
}
