/** A node with real pods: the real API server, a real kubelet, and what a test says and asks of its pods. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Event } from '../../shared/api/event.ts'
import type { Draft } from '../../shared/api/kind.ts'
import type { Container, ContainerStatus, Pod } from '../../shared/api/pod/pod.ts'
import { events, pods } from '../../shared/client/resources.ts'
import { startTestApiServer } from './api-server.ts'
import { eventually } from './cluster.ts'
import { startTestKubelet } from './kubelet.ts'
import { observe } from './observe.ts'
import type { Partly } from './pods.ts'

/** A program that runs until it is ended. */
export const SLEEP = ['sleep', '1000000']

export const statusOf = (pod: Pod | undefined): ContainerStatus | undefined => pod?.status?.containerStatuses?.[0]

const isReady = (pod: Pod) => pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')

/** Empty where the file has gone meanwhile. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Starts API server and kubelet below `directory`. `stop` ends both and all that runs in the pods. */
export async function startTestNode(directory: string, flags: readonly string[] = []) {
  const server = await startTestApiServer(directory)
  const { client } = server
  const ending = new AbortController()
  const seenPods = observe(client, pods, ending.signal)
  const seenEvents = observe(client, events, ending.signal)
  const kubelet = await startTestKubelet(directory, { kubeconfig: server.kubeconfig, flags })
  const keyOf = (name: string) => ({ namespace: 'default', name })

  /** Waits until the pod is as wanted, and returns it. */
  const until = (name: string, wanted: (pod: Pod) => unknown): Promise<Pod> =>
    seenPods.until((all) => all.find((pod) => pod.metadata.name === name && wanted(pod)), 60_000)

  return {
    server,
    client,
    kubelet,
    signal: ending.signal,
    until,
    seenPods,
    seenEvents,

    /** Creates a pod that is bound to the node. */
    create: (name: string, spec: Partly<Pod['spec']>, metadata: Partly<Pod['metadata']> = {}): Promise<Pod> =>
      client.create(pods, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'default', ...metadata },
        spec: { nodeName: kubelet.name, terminationGracePeriodSeconds: 1, ...spec },
      } as Draft<Pod>),

    /** The spec of one container `c`. */
    one: (container: Partly<Container>): Partly<Pod['spec']> => ({
      containers: [{ name: 'c', image: 'none', command: SLEEP, ...container }],
    }),

    untilReady: (name: string) => until(name, isReady),
    untilGone: (name: string) =>
      seenPods.until((all) => (all.some(({ metadata }) => metadata.name === name) ? undefined : true), 60_000),

    /** Waits for an event about the pod. */
    untilEvent: (name: string, reason: string, message?: string): Promise<Event> =>
      seenEvents.until(
        (all) =>
          all.find(
            (event) =>
              event.involvedObject.name === name &&
              event.reason === reason &&
              (message === undefined || event.message === message),
          ),
        60_000,
      ),

    delete: (name: string, gracePeriodSeconds?: number) =>
      client.delete(pods, keyOf(name), gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),

    get: (name: string) => client.get(pods, keyOf(name)),

    /** The file that a run of a container logs to. */
    logOf: ({ metadata }: Pod, container = 'c', attempt = 0) =>
      join(kubelet.rootDirectory, 'pods', metadata.uid, 'logs', container, `${attempt}.log`),

    /** Waits until no run is recorded as running, which is so once its last process is gone. */
    untilNothingRuns: () =>
      eventually(
        async () => {
          const records = join(kubelet.rootDirectory, 'containers')
          const files = readdirSync(records).filter((name) => name.endsWith('.json'))
          return files.every((name) => !textOf(join(records, name)).includes('"state":"running"'))
        },
        { everyMs: 2 },
      ),

    /** PID of a run, by the supervisor's records of the running ones. */
    pidOf(containerId: string): number {
      const id = containerId.replace(/^.*:\/\//, '')
      const records = join(kubelet.rootDirectory, 'containers')
      const file = readdirSync(records).find((entry) => entry.includes(id))
      return JSON.parse(readFileSync(join(records, file!), 'utf8')).state.pid
    },

    async stop() {
      await kubelet.stop()
      ending.abort()
      await server.close()
    },
  }
}

export type TestNode = Awaited<ReturnType<typeof startTestNode>>
