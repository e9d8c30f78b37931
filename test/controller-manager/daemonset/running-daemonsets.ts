/** DaemonSets on the real API server, with controller and scheduler in this process, and hollow kubelets. */
import pino from 'pino'
import type { Test } from 'tap'
import { startDaemonSetController } from '../../../controller-manager/daemonset/controller.ts'
import { startScheduler } from '../../../scheduler/scheduler.ts'
import type { DaemonSet } from '../../../shared/api/daemon-set.ts'
import type { Draft } from '../../../shared/api/kind.ts'
import type { Pod } from '../../../shared/api/pod/pod.ts'
import { controllerRevisions, daemonSets, events, nodes } from '../../../shared/client/resources.ts'
import { type Clock, systemClock } from '../../../shared/clock.ts'
import { createEventRecorder } from '../../../shared/events/recorder.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { type HollowKubeletOptions, startHollowKubelet } from '../../support/hollow-kubelet.ts'
import { until } from '../../support/until.ts'
import { inDefault, listPods, startManager } from '../running-controllers.ts'

type Spec = NonNullable<Draft<DaemonSet>['spec']>

export const NAME = 'ssd-monitor'
export const LABEL = 'controller-revision-hash'

export const templateOf = (version: string): NonNullable<Spec['template']> => ({
  metadata: { labels: { app: NAME } },
  spec: {
    nodeSelector: { disk: 'ssd' },
    containers: [{ name: 'main', image: 'x', env: [{ name: 'VERSION', value: version }] }],
  },
})

/** The chapter's DaemonSet, for nodes with `disk=ssd`. */
export const ssdMonitor = (spec: Spec = {}): Draft<DaemonSet> => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: NAME, namespace: 'default' },
  spec: { selector: { matchLabels: { app: NAME } }, template: templateOf('1'), ...spec },
})

export const versionOf = ({ spec }: Pod) => spec.containers[0]!.env?.[0]?.value
export const isLiving = ({ metadata, status }: Pod) =>
  metadata.deletionTimestamp === undefined && status.phase !== 'Failed'

export async function world(
  test: Test,
  { clock = systemClock, ...kubelet }: HollowKubeletOptions & { clock?: Clock } = {},
) {
  const server = await startTestApiServer(testDirectory(test))
  const { client } = server
  const logger = pino({ enabled: false })
  const recorder = createEventRecorder({ client, component: 'default-scheduler', clock: systemClock, logger })
  const scheduler = startScheduler({
    client,
    recorder,
    clock: systemClock,
    logger,
    schedulerName: 'default-scheduler',
    backOffMinMs: 10,
    backOffMaxMs: 100,
    unschedulableMaxMs: 300_000,
    onFailure(error) {
      throw error
    },
  })
  const hollow = startHollowKubelet(client, { clock, ...kubelet })
  const open: { close(): Promise<void> }[] = [scheduler, hollow]
  test.teardown(async () => {
    for (const { close } of open.reverse()) await close()
    await recorder.close()
    await server.close()
  })
  const get = () => client.get(daemonSets, inDefault(NAME))
  const describe = async () => ({
    status: (await get()).status,
    pods: (await listPods(client)).map(({ metadata, spec, status }) => [metadata.name, spec.nodeName, status.phase]),
  })
  return {
    client,
    hollow,
    get,
    manage(options: Parameters<typeof startManager>[2] = {}) {
      const manager = startManager(server, [startDaemonSetController], { clock, ...options })
      open.push(manager)
      return manager
    },
    /** A node that is ready, so that it has lost the taint of new nodes. */
    async addNode(name: string, labels: Record<string, string> = {}) {
      await client.create(nodes, {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name, labels },
        spec: {},
        status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110' } },
      })
      await client.patch(nodes, { name }, { type: 'merge', body: { spec: { taints: null } } })
    },
    label: (name: string, disk: string | null) =>
      client.patch(nodes, { name }, { type: 'merge', body: { metadata: { labels: { disk } } } }),
    setVersion: (version: string) =>
      client.patch(daemonSets, inDefault(NAME), { type: 'merge', body: { spec: { template: templateOf(version) } } }),
    revisions: async () => (await client.list(controllerRevisions)).items.sort((a, b) => a.revision - b.revision),
    /** Waits until the pods that live are on these nodes, and of this version, and nothing remains to be written. */
    settled: (wanted: readonly string[], version = '1') =>
      until(
        async () => {
          const pods = await listPods(client)
          const { metadata, status } = await get()
          const places = pods.filter(isLiving).map((pod) => `${pod.spec.nodeName} ${versionOf(pod)}`)
          const isThere =
            JSON.stringify(places.sort()) === JSON.stringify(wanted.map((node) => `${node} ${version}`).sort())
          const { currentNumberScheduled, numberReady, updatedNumberScheduled = 0, numberAvailable = 0 } = status
          const counts = [currentNumberScheduled, numberReady, updatedNumberScheduled, numberAvailable]
          const isTold =
            status.observedGeneration === metadata.generation &&
            status.desiredNumberScheduled === wanted.length &&
            counts.every((count) => count === wanted.length)
          return isThere && pods.length === wanted.length && isTold && pods
        },
        { describe },
      ),
    told: async (reason: string) => (await client.list(events)).items.filter((event) => event.reason === reason),
  }
}
