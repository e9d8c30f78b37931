/** Many equal pods on a real cluster, for tests of what becomes of them. */
import type { Test } from 'tap'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { Client } from '../../shared/client/client.ts'
import { createClient } from '../../shared/client/http-client.ts'
import { nodes, pods, replicationControllers } from '../../shared/client/resources.ts'
import { eventually, processesOf, TestCluster } from '../support/cluster.ts'
import { testDirectory } from '../support/directory.ts'

export const NAMESPACE = 'default'

/** Programs that cost next to nothing: what is tested is who runs, not what. */
const replicationController = (name: string, replicas: number) => ({
  apiVersion: 'v1',
  kind: 'ReplicationController',
  metadata: { name, namespace: NAMESPACE },
  spec: {
    replicas,
    selector: { app: name },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [{ name: 'main', image: 'busybox', command: ['sleep', '1000'] }],
      },
    },
  },
})

export const isReady = ({ status, metadata }: Pod) =>
  metadata.deletionTimestamp === undefined &&
  status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true

export const listPods = async (client: Client, app: string) =>
  (await client.list(pods, { namespace: NAMESPACE, labelSelector: `app=${app}` })).items

export const nodeReady = async (client: Client, name: string) =>
  (await client.get(nodes, { name })).status?.conditions?.find(({ type }) => type === 'Ready')?.status

export async function waitForReady(client: Client, app: string, count: number, deadlineMs = 20_000): Promise<Pod[]> {
  return eventually(
    async () => {
      const ready = (await listPods(client, app)).filter(isReady)
      return ready.length === count ? ready : undefined
    },
    {
      deadlineMs,
      describe: async () =>
        JSON.stringify(
          (await listPods(client, app)).map(({ metadata, spec, status }) => [metadata.name, spec.nodeName, status]),
        ),
    },
  )
}

/** What must not change where nothing was lost: which pods there are, and how often each was restarted. */
export const identity = (list: readonly Pod[]) =>
  list
    .map(({ metadata, spec, status }) => [
      metadata.uid,
      spec.nodeName,
      status?.containerStatuses?.[0]?.restartCount,
      status?.containerStatuses?.[0]?.containerID,
    ])
    .toSorted(([a], [b]) => String(a).localeCompare(String(b)))

/** The `sleep 1000` processes of this cluster's containers. */
export const programs = (dataDir: string) => processesOf(dataDir).filter((line) => /^\d+ sleep 1000$/.test(line))

/** A cluster with a ReplicationController `app`, all of whose pods are ready. */
export async function startWith(t: Test, replicas: number, nodeCount = 3) {
  const dataDir = testDirectory(t)
  const cluster = await TestCluster.start({ dataDir, nodes: nodeCount })
  t.teardown(() => cluster.stop())
  const client = createClient({ kubeconfig: cluster.kubeconfig, userAgent: 'test' })
  t.teardown(() => client.close())
  await client.create(replicationControllers, replicationController('app', replicas))
  return { cluster, client, dataDir, before: await waitForReady(client, 'app', replicas) }
}
