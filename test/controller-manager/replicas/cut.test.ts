import t from 'tap'
import type { StartController } from '../../../controller-manager/context.ts'
import { startReplicaSetController } from '../../../controller-manager/replicaset/controller.ts'
import { startReplicationController } from '../../../controller-manager/replicationcontroller/controller.ts'
import type { KubeObject } from '../../../shared/api/kind.ts'
import type { Resource } from '../../../shared/client/resource.ts'
import { pods, replicaSets, replicationControllers } from '../../../shared/client/resources.ts'
import { systemClock } from '../../../shared/clock.ts'
import { controllerOf } from '../../../shared/controller/indexes.ts'
import { createInformer } from '../../../shared/controller/informer.ts'
import { createLogger } from '../../../shared/log.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { type Cut, cutEachWrite, survive } from '../../support/cut-client.ts'
import { testDirectory } from '../../support/directory.ts'
import { until } from '../../support/until.ts'
import { inDefault, kubia, plainPod, startManager } from '../running-controllers.ts'

type Owner = KubeObject & { spec: object; status: { replicas: number; observedGeneration?: number } }

interface ReplicaKind {
  resource: Resource<Owner>
  start: StartController
  selector(name: string): object
  /** Both kinds share one controller: lost answers are tried with one of them. */
  fates: readonly Cut['fate'][]
}

const kinds: ReplicaKind[] = [
  {
    resource: replicationControllers as Resource<Owner>,
    start: startReplicationController,
    selector: (app) => ({ app }),
    fates: ['dies', 'fails'],
  },
  {
    resource: replicaSets as Resource<Owner>,
    start: startReplicaSetController,
    selector: (app) => ({ matchExpressions: [{ key: 'app', operator: 'In', values: [app] }] }),
    fates: ['dies'],
  },
]

for (const { resource, start, selector, fates } of kinds) {
  t.test(`${resource.kind}: a crash after any write, or an answer lost: the same end`, async (t) => {
    const server = await startTestApiServer(testDirectory(t))
    const { client } = server
    const stop = new AbortController()
    const everMade = createInformer({
      client,
      resource: pods,
      clock: systemClock,
      logger: createLogger('test', 'error'),
    })
    const names = new Map<string, string>()
    everMade.subscribe({ add: ({ metadata }) => names.set(metadata.uid, metadata.generateName ?? metadata.name) })
    const watching = everMade.run(stop.signal)
    t.teardown(async () => {
      stop.abort()
      await watching
      await server.close()
    })

    async function scenario(name: string): Promise<void> {
      const living = async () => {
        const { items } = await client.list(pods, { labelSelector: `app=${name}` })
        return items.filter((pod) => controllerOf(pod)?.name === name)
      }
      const settled = (replicas: number) =>
        until(async () => {
          const { metadata, status } = await client.get(resource, inDefault(name))
          const isObserved = status.observedGeneration === metadata.generation
          return isObserved && status.replicas === replicas && (await living()).length === replicas
        })
      await client.create(pods, plainPod(`${name}-stray`, { labels: { app: name } }))
      const { apiVersion: _, kind: __, spec, ...draft } = kubia(2, name)
      const apiVersion = resource.group === '' ? 'v1' : `${resource.group}/v1`
      await client.create(resource, {
        ...draft,
        apiVersion,
        kind: resource.kind,
        spec: { ...spec, selector: selector(name) },
      })
      await settled(2)
      const body = { metadata: { labels: { app: 'foo' } } }
      await client.patch(pods, inDefault(`${name}-stray`), { type: 'merge', body })
      await until(async () => controllerOf(await client.get(pods, inDefault(`${name}-stray`))) === undefined)
      await settled(2)
      await client.patch(resource, inDefault(name), { type: 'merge', body: { spec: { replicas: 1 } } })
      await settled(1)
    }

    let plays = 0
    await cutEachWrite(
      async (cut, title) => {
        const name = `kubia${plays++}`
        const isCut = await survive(
          cut,
          (wrap) => startManager(server, [start], { wrap }),
          () => scenario(name),
        )
        t.equal([...names.values()].filter((made) => made === `${name}-`).length, 2, `${title}: never a pod too many`)
        return isCut
      },
      { fates },
    )
  })
}
