import t from 'tap'
import { startDaemonSetController } from '../../../controller-manager/daemonset/controller.ts'
import { controllerRevisions, daemonSets, namespaces, nodes, pods } from '../../../shared/client/resources.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { createCutClient, cutEachWrite } from '../../support/cut-client.ts'
import { testDirectory } from '../../support/directory.ts'
import { until } from '../../support/until.ts'
import { startManager } from '../running-controllers.ts'
import { NAME, ssdMonitor, templateOf, versionOf } from './running-daemonsets.ts'

t.test('cut off at any write, the next one comes to the same end', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  const { client } = server
  t.teardown(() => server.close())
  await client.create(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1', labels: { disk: 'ssd' } } })
  await client.patch(nodes, { name: 'node-1' }, { type: 'merge', body: { spec: { taints: null } } })
  let run = 0

  await cutEachWrite(async (cut, title) => {
    const namespace = `run-${++run}`
    await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
    let counting: ReturnType<typeof createCutClient> | undefined
    const first = startManager(server, [startDaemonSetController], {
      wrap(inner) {
        counting = createCutClient(inner, cut)
        return counting.client
      },
    })
    await first.synced
    const managers = [first]
    const isDeadly = cut.fate === 'dies'
    counting!.cut.then(() => {
      if (isDeadly) managers.push(startManager(server, [startDaemonSetController]))
    })

    const key = { namespace, name: NAME }
    const draft = ssdMonitor()
    await client.create(daemonSets, { ...draft, metadata: { ...draft.metadata, namespace } })
    let most = 0
    const settled = (version: string, revisionCount: number) =>
      until(
        async () => {
          const { items } = await client.list(pods, { namespace })
          const living = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
          most = Math.max(most, living.length)
          const { metadata, status } = await client.get(daemonSets, key)
          const { items: revisions } = await client.list(controllerRevisions, { namespace })
          return (
            living.length === 1 &&
            versionOf(living[0]!) === version &&
            status.updatedNumberScheduled === 1 &&
            status.currentNumberScheduled === 1 &&
            status.observedGeneration === metadata.generation &&
            revisions.length === revisionCount
          )
        },
        { describe: () => title },
      )
    await settled('1', 1)
    await client.patch(daemonSets, key, { type: 'merge', body: { spec: { template: templateOf('2') } } })
    await settled('2', 2)
    t.equal(most, 1, `${title}: never two pods on the node`)
    for (const manager of managers) await manager.close()
    await client.delete(daemonSets, key)
    return counting!.isCut
  })
})
