/** Deployments on the real API server, with their controllers in this process and hollow kubelets. */
import type { Test } from 'tap'
import type { StartController } from '../../../controller-manager/context.ts'
import { startDeploymentController } from '../../../controller-manager/deployment/controller.ts'
import { startReplicaSetController } from '../../../controller-manager/replicaset/controller.ts'
import type { Deployment } from '../../../shared/api/deployment.ts'
import type { Draft } from '../../../shared/api/kind.ts'
import type { ReplicaSet } from '../../../shared/api/replica-set.ts'
import { deployments, events, replicaSets } from '../../../shared/client/resources.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { type HollowKubeletOptions, startHollowKubelet } from '../../support/hollow-kubelet.ts'
import { until } from '../../support/until.ts'
import { inDefault, startManager } from '../running-controllers.ts'

export const CONTROLLERS = [startReplicaSetController, startDeploymentController]

type Spec = NonNullable<Draft<Deployment>['spec']>

/** A Deployment `web` whose pods have the environment variable VERSION. */
export function web(spec: Spec = {}, { name = 'web', version = '1' } = {}): Draft<Deployment> {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: { replicas: 3, selector: { matchLabels: { app: name } }, template: templateOf(version, name), ...spec },
  }
}

export const templateOf = (version: string, name = 'web'): NonNullable<Spec['template']> => ({
  metadata: { labels: { app: name } },
  spec: { containers: [{ name: 'main', image: 'x', env: [{ name: 'VERSION', value: version }] }] },
})

/** The version that a ReplicaSet's pods run. */
export const versionOf = ({ spec }: ReplicaSet) => spec.template.spec.containers[0]!.env?.[0]?.value

export async function world(test: Test, kubelet: HollowKubeletOptions = {}) {
  const server = await startTestApiServer(testDirectory(test))
  const { client } = server
  const open: { close(): Promise<void> }[] = []
  test.teardown(async () => {
    for (const { close } of open) await close()
    await server.close()
  })
  const hollow = startHollowKubelet(client, kubelet)
  open.push(hollow)

  const get = (name = 'web') => client.get(deployments, inDefault(name))
  const sets = async (name = 'web') => (await client.list(replicaSets, { labelSelector: `app=${name}` })).items
  const state = async () => ({
    status: (await get()).status,
    sets: (await sets()).map(({ spec, status }) => [spec.replicas, status]),
  })
  return {
    client,
    hollow,
    get,
    sets,
    server,
    manage(options: Parameters<typeof startManager>[2] = {}, controllers: readonly StartController[] = CONTROLLERS) {
      const manager = startManager(server, controllers, options)
      open.push(manager)
      return manager
    },
    patch: (body: unknown, name = 'web') => client.patch(deployments, inDefault(name), { type: 'merge', body }),
    setVersion: (version: string, name = 'web') =>
      client.patch(deployments, inDefault(name), {
        type: 'strategic',
        body: {
          spec: { template: { spec: { containers: [{ name: 'main', env: [{ name: 'VERSION', value: version }] }] } } },
        },
      }),
    /** Waits until the status is as `check` wants it. */
    when: (check: (deployment: Deployment) => boolean, name = 'web') =>
      until(
        async () => {
          const deployment = await get(name)
          return (
            deployment.status.observedGeneration === deployment.metadata.generation && check(deployment) && deployment
          )
        },
        { describe: state },
      ),
    /** Waits until the rollout of the current template is over, and nothing remains to be written. */
    whenRolledOut: (name = 'web') =>
      until(
        async () => {
          const { metadata, spec, status } = await get(name)
          const isObserved = status.observedGeneration === metadata.generation
          const isAll = [status.replicas, status.updatedReplicas, status.availableReplicas].every(
            (n = 0) => n === spec.replicas,
          )
          const isTold = status.conditions?.some(({ reason }) => reason === 'NewReplicaSetAvailable')
          return isObserved && isAll && isTold === true && status.terminatingReplicas === 0
        },
        { describe: state },
      ),
    scalings: async () =>
      (await client.list(events)).items
        .filter(({ reason }) => reason === 'ScalingReplicaSet')
        .map(({ message = '' }) => message.replaceAll(/web-[a-z0-9]+/g, 'web')),
  }
}

export const condition = ({ status }: Deployment, type: string) => status.conditions?.find((one) => one.type === type)
