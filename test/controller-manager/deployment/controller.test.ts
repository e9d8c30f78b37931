import t from 'tap'
import { deployments } from '../../../shared/client/resources.ts'
import { condition, versionOf, web, world } from './running-deployments.ts'

t.test('the life of a Deployment', async (t) => {
  const { client, get, sets, manage, patch, setVersion, whenRolledOut, scalings } = await world(t)
  manage()
  const created = await client.create(deployments, web())
  await whenRolledOut()
  const [first] = await sets()
  const hash = first!.metadata.labels!['pod-template-hash']!
  t.match(hash, /^[bcdfghjklmnpqrstvwxz2456789]{6,10}$/)
  t.equal(first!.metadata.name, `web-${hash}`)
  t.same(first!.spec.selector, { matchLabels: { app: 'web', 'pod-template-hash': hash } })
  t.same(first!.spec.template.metadata.labels, { app: 'web', 'pod-template-hash': hash })
  t.match(first!.metadata.annotations, {
    'deployment.kubernetes.io/revision': '1',
    'deployment.kubernetes.io/desired-replicas': '3',
    'deployment.kubernetes.io/max-replicas': '4',
  })
  t.match(first!.metadata.ownerReferences, [
    { kind: 'Deployment', name: 'web', uid: created.metadata.uid, controller: true },
  ])
  const settled = await get()
  t.equal(settled.metadata.annotations?.['deployment.kubernetes.io/revision'], '1')
  t.match(condition(settled, 'Available'), { status: 'True', reason: 'MinimumReplicasAvailable' })
  t.match(condition(settled, 'Progressing'), {
    status: 'True',
    reason: 'NewReplicaSetAvailable',
    message: `ReplicaSet "web-${hash}" has successfully progressed.`,
  })

  await setVersion('2')
  await whenRolledOut()
  t.same((await sets()).map(({ spec }) => spec.replicas).sort(), [0, 3])
  t.same(await scalings(), [
    'Scaled up replica set web from 0 to 3',
    'Scaled up replica set web from 0 to 1',
    'Scaled down replica set web from 3 to 2',
    'Scaled up replica set web from 1 to 2',
    'Scaled down replica set web from 2 to 1',
    'Scaled up replica set web from 2 to 3',
    'Scaled down replica set web from 1 to 0',
  ])

  await setVersion('1')
  await whenRolledOut()
  const back = (await sets()).find((set) => versionOf(set) === '1')!
  t.equal(back.metadata.name, first!.metadata.name, 'the old ReplicaSet is taken again')
  t.match(back.metadata.annotations, {
    'deployment.kubernetes.io/revision': '3',
    'deployment.kubernetes.io/revision-history': '1',
  })
  t.equal((await get()).metadata.annotations?.['deployment.kubernetes.io/revision'], '3')

  await patch({ spec: { replicas: 5 } })
  await whenRolledOut()
  t.equal((await sets()).length, 2)
})
