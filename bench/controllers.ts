import type { KubeObject } from '../shared/api/kind.ts'
import type { Client } from '../shared/client/client.ts'
import { deployments, jobs, leases, pods } from '../shared/client/resources.ts'
import type { Informer } from '../shared/controller/informer.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'
import { following } from './following.ts'
import type { Benchmark, Series } from './sample.ts'

const NODES = 20
const MAX_PODS = 500
const NAMESPACE = 'default'
const REPLICAS = 1_000
const JOBS = 1_000
/** Creates of Jobs under way at once. */
const CREATES = 16
const SETTLED_DEPLOYMENTS = 5
/** How long the settled cluster is watched. */
const QUIET_MS = 10_000
/** After a burst of work: until nothing has been written for this long, the cluster has not settled. */
const SETTLING_MS = 2_000

const template = (app: string, version: string) => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: 'main', image: 'hollow', env: [{ name: 'VERSION', value: version }] }] },
})

const deployment = (name: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: NAMESPACE },
  spec: { replicas: REPLICAS, selector: { matchLabels: { app: name } }, template: template(name, '1') },
})

const job = (name: string) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name, namespace: NAMESPACE },
  spec: {
    template: { spec: { restartPolicy: 'Never' as const, containers: [{ name: 'main', image: 'hollow' }] } },
  },
})

/** Resolves with the seconds from now until the informer shows what `isDone` waits for. */
function secondsUntil<Object extends KubeObject>(informer: Informer<Object>, isDone: () => boolean): Promise<number> {
  const startedAt = performance.now()
  return new Promise((resolve) => {
    const look = () => {
      if (!isDone()) return
      unsubscribe()
      resolve((performance.now() - startedAt) / 1000)
    }
    const unsubscribe = informer.subscribe({ update: look })
  })
}

/** Seconds until the rollouts of all Deployments are over. */
function secondsUntilRolledOut(client: Client, begin: () => Promise<unknown>): Promise<number> {
  return following(client, deployments, async (informer) => {
    const over = Promise.withResolvers<void>()
    const isRolledOut = () =>
      informer.store.list().every(({ metadata, spec, status }) => {
        const counts = [status.replicas, status.updatedReplicas, status.availableReplicas]
        return status.observedGeneration === metadata.generation && counts.every((count) => count === spec.replicas)
      })
    const seconds = secondsUntil(informer, () => {
      const isOver = informer.store.size > 0 && isRolledOut()
      if (isOver) over.resolve()
      return isOver
    })
    await begin()
    await over.promise
    return seconds
  })
}

async function measureRollout(client: Client): Promise<Series[]> {
  const out = await secondsUntilRolledOut(client, () => client.create(deployments, deployment('web')))
  const over = await secondsUntilRolledOut(client, () =>
    client.patch(
      deployments,
      { name: 'web', namespace: NAMESPACE },
      {
        type: 'merge',
        body: { spec: { template: template('web', '2') } },
      },
    ),
  )
  return [
    { name: `Deployment of ${REPLICAS} rolls out, pods`, unit: '/s', samples: [REPLICAS / out], wanted: '> 300' },
    { name: `Deployment of ${REPLICAS} rolls over, pods`, unit: '/s', samples: [REPLICAS / over], wanted: '> 300' },
  ]
}

async function measureJobs(client: Client): Promise<Series> {
  const seconds = await following(client, jobs, async (informer) => {
    let completed = 0
    informer.subscribe({
      update(old, { status }) {
        if (old.status.completionTime === undefined && status.completionTime !== undefined) completed++
      },
    })
    const done = secondsUntil(informer, () => completed === JOBS)
    const names = Array.from({ length: JOBS }, (_, index) => `job-${index}`).values()
    const work = async () => {
      for (const name of names) await client.create(jobs, job(name))
    }
    await Promise.all(Array.from({ length: CREATES }, work))
    return done
  })
  return { name: `${JOBS} Jobs of one pod complete`, unit: '/s', samples: [JOBS / seconds], wanted: '> 200' }
}

export const controllers: Benchmark = {
  name: 'controllers',
  description: 'Deployments and Jobs with a real control plane and hollow nodes: no programs are started.',
  async run(): Promise<Series[]> {
    const plane = await startControlPlane({ nodes: NODES, maxPods: MAX_PODS, podRunMs: 0 })
    try {
      return [...(await measureRollout(plane.client)), await measureJobs(plane.client)]
    } finally {
      await plane.stop()
    }
  },
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Counts writes: each raises the store's revision by one, and those of leases are seen apart. */
async function countWrites(client: Client, during: () => Promise<void>): Promise<number> {
  return following(client, leases, async (informer) => {
    let renewals = 0
    const count = () => {
      renewals++
    }
    const revision = async () => Number((await client.list(pods, { limit: 1 })).metadata.resourceVersion)
    const before = await revision()
    const unsubscribe = informer.subscribe({ update: count })
    await during()
    const after = await revision()
    unsubscribe()
    return Math.max(0, after - before - renewals)
  })
}

async function settle({ client }: ControlPlane): Promise<void> {
  while ((await countWrites(client, async () => void (await wait(SETTLING_MS)))) > 0);
}

export const quiet: Benchmark = {
  name: 'quiet',
  description:
    'Writes, lease renewals aside, of a settled cluster of 5,000 hollow pods, and of a restart of its controllers.',
  async run(): Promise<Series[]> {
    const plane = await startControlPlane({ nodes: NODES, maxPods: MAX_PODS, podRunMs: 0 })
    const { client } = plane
    try {
      const names = Array.from({ length: SETTLED_DEPLOYMENTS }, (_, index) => `web-${index}`)
      await secondsUntilRolledOut(client, () =>
        Promise.all(names.map((name) => client.create(deployments, deployment(name)))),
      )
      await settle(plane)
      const idle = await countWrites(client, async () => void (await wait(QUIET_MS)))
      const restart = await countWrites(client, async () => {
        await plane.restartControllers()
        await wait(QUIET_MS / 2)
      })
      return [
        { name: `writes in ${QUIET_MS / 1000} s of a settled cluster`, unit: 'x', samples: [idle], wanted: '= 0' },
        { name: 'writes after a restart of the controllers', unit: 'x', samples: [restart], wanted: '= 0' },
      ]
    } finally {
      await plane.stop()
    }
  },
}
