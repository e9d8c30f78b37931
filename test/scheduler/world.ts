import type { Test } from 'tap'
import { startScheduler } from '../../scheduler/scheduler.ts'
import type { Event } from '../../shared/api/event.ts'
import type { Draft } from '../../shared/api/kind.ts'
import type { Node } from '../../shared/api/node/node-model.ts'
import type { Pod } from '../../shared/api/pod/pod-model.ts'
import type { Client } from '../../shared/client/client.ts'
import { events, nodes, pods } from '../../shared/client/resources.ts'
import { systemClock } from '../../shared/clock.ts'
import { createEventRecorder } from '../../shared/events/recorder.ts'
import { createLogger } from '../../shared/log.ts'
import { startTestApiServer } from '../support/api-server.ts'
import { testDirectory } from '../support/directory.ts'
import { observe } from '../support/observe.ts'

const logger = createLogger('kube-scheduler', 'error')

/** Stands between the scheduler and the server: may refuse a request, or lose its answer. */
export type Intercept = (send: () => Promise<unknown>, path: string) => Promise<unknown>

/** A real API server without any kubelet: nodes are objects, and pods stay where they are bound. */
export async function setUp(t: Test, { intercept = (send) => send() }: { intercept?: Intercept } = {}) {
  const server = await startTestApiServer(testDirectory(t))
  const { client } = server
  const schedulersClient: Client = {
    ...client,
    request: (method, path, body) => intercept(() => client.request(method, path, body), path),
  }
  const stop = new AbortController()
  const schedulers: { close(): Promise<void> }[] = []

  function schedule() {
    const recorder = createEventRecorder({ client, component: 'default-scheduler', clock: systemClock, logger })
    const scheduler = startScheduler({
      client: schedulersClient,
      recorder,
      clock: systemClock,
      logger,
      schedulerName: 'default-scheduler',
      backOffMinMs: 100,
      backOffMaxMs: 1_000,
      unschedulableMaxMs: 300_000,
      onFailure(error) {
        throw error
      },
    })
    const running = {
      synced: scheduler.synced,
      metrics: scheduler.metrics,
      async close() {
        await scheduler.close()
        await recorder.close()
      },
    }
    schedulers.push(running)
    return running
  }

  t.teardown(async () => {
    await Promise.all(schedulers.map((scheduler) => scheduler.close()))
    stop.abort()
    await server.close()
  })

  async function addNode(
    name: string,
    { labels = {}, ...allocatable }: Record<string, string> & { labels?: object } = {},
  ) {
    await client.create(nodes, {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels },
      spec: {},
      status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110', ...allocatable } },
    } as unknown as Draft<Node>)
    // Without a kubelet nobody else says that the node is ready.
    await client.patch(nodes, { name }, { type: 'merge', body: { spec: { taints: null } } })
  }

  const addPod = (name: string, { cpu, ...spec }: { cpu?: string } & Partial<Pod['spec']> = {}) =>
    client.create(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default' },
      spec: {
        containers: [{ name: 'c', image: 'x', ...(cpu !== undefined && { resources: { requests: { cpu } } }) }],
        ...spec,
      },
    } as unknown as Draft<Pod>)

  const podWorld = observe(client, pods, stop.signal)
  const eventWorld = observe(client, events, stop.signal)
  const bound = (name: string) =>
    podWorld.until((all) => all.find(({ metadata, spec }) => metadata.name === name && spec.nodeName !== undefined))
  const eventOf = (name: string, reason: string): Promise<Event> =>
    eventWorld.until((all) =>
      all.find(({ involvedObject, ...event }) => involvedObject.name === name && event.reason === reason),
    )
  return { client, schedule, addNode, addPod, bound, eventOf, podWorld, eventWorld }
}
