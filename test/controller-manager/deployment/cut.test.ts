import t from 'tap'
import { startDeploymentController } from '../../../controller-manager/deployment/controller.ts'
import { startReplicaSetController } from '../../../controller-manager/replicaset/controller.ts'
import type { Deployment } from '../../../shared/api/deployment.ts'
import type { ReplicaSet } from '../../../shared/api/replica-set.ts'
import { deployments } from '../../../shared/client/resources.ts'
import { cutEachWrite, survive } from '../../support/cut-client.ts'
import { startManager } from '../running-controllers.ts'
import { versionOf, web, world } from './running-deployments.ts'

/** What must be the same in the end: everything but names and times. */
function shown({ metadata, status }: Deployment, sets: readonly ReplicaSet[]) {
  const { conditions = [], ...counts } = status
  return {
    annotations: metadata.annotations,
    counts,
    conditions: conditions.map(({ type, status, reason }) => `${type} ${status} ${reason}`).sort(),
    sets: sets.map((set) => ({
      version: versionOf(set),
      size: set.spec.replicas,
      annotations: set.metadata.annotations,
    })),
  }
}

t.test('a crash after any write, or an answer lost: the same end', async (t) => {
  const { client, server, manage, get, sets, setVersion, whenRolledOut } = await world(t)
  manage({}, [startReplicaSetController])
  let plays = 0
  await cutEachWrite(async (cut, title) => {
    const name = `web${plays++}`
    const isCut = await survive(
      cut,
      (wrap) => startManager(server, [startDeploymentController], { wrap }),
      async () => {
        await client.create(deployments, web({ replicas: 1, revisionHistoryLimit: 0 }, { name }))
        await whenRolledOut(name)
        await setVersion('2', name)
        await whenRolledOut(name)
        await whenSettled(name)
      },
    )
    t.same(shown(await get(name), await sets(name)), END, title)
    return isCut
  })

  /** The old ReplicaSet goes last, once the rollout is over. */
  async function whenSettled(name: string): Promise<void> {
    while ((await sets(name)).length > 1) await whenRolledOut(name)
  }
})

const END = {
  annotations: { 'deployment.kubernetes.io/revision': '2' },
  counts: {
    observedGeneration: 2,
    replicas: 1,
    updatedReplicas: 1,
    readyReplicas: 1,
    availableReplicas: 1,
    terminatingReplicas: 0,
  },
  conditions: ['Available True MinimumReplicasAvailable', 'Progressing True NewReplicaSetAvailable'],
  sets: [
    {
      version: '2',
      size: 1,
      annotations: {
        'deployment.kubernetes.io/desired-replicas': '1',
        'deployment.kubernetes.io/max-replicas': '2',
        'deployment.kubernetes.io/revision': '2',
      },
    },
  ],
}
