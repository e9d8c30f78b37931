import t from 'tap'
import { jobFinish } from '../../../controller-manager/job/conditions.ts'
import { startJobController } from '../../../controller-manager/job/controller.ts'
import { COMPLETION_INDEX, isTracked } from '../../../controller-manager/job/job-pod.ts'
import type { Pod } from '../../../shared/api/pod/pod.ts'
import { jobs, namespaces, pods } from '../../../shared/client/resources.ts'
import { type Cut, createCutClient, cutEachWrite } from '../../support/cut-client.ts'
import { until } from '../../support/until.ts'
import { startManager } from '../running-controllers.ts'
import { jobWorld, work } from './running-jobs.ts'

/** Pods whose end has been decided, by UID: each fate is drawn once. */
type Fates = Map<string, number>

/** Plays a Job to its end for every write that its controller makes, with the controller cut off there. */
async function playCuts(
  t: Parameters<typeof jobWorld>[0],
  spec: object,
  {
    fateOf,
    wanted,
    fates: cutFates,
  }: { fateOf: (pod: Pod, decided: number) => number; wanted: object; fates?: readonly Cut['fate'][] },
): Promise<void> {
  const world = await jobWorld(t)
  const { client, clock, server } = world
  let run = 0
  await cutEachWrite(async (cut, title) => {
    const namespace = `run-${++run}`
    await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
    const fates: Fates = new Map()
    const ended = new Map<string, number>()
    world.fateOf = (pod) => {
      if (pod.metadata.namespace !== namespace) return 'runs'
      const { uid } = pod.metadata
      if (!fates.has(uid)) fates.set(uid, fateOf(pod, fates.size))
      ended.set(uid, fates.get(uid)!)
      return fates.get(uid)!
    }
    let counting: ReturnType<typeof createCutClient> | undefined
    const managers = [
      startManager(server, [startJobController], {
        clock,
        wrap(inner) {
          counting = createCutClient(inner, cut)
          return counting.client
        },
      }),
    ]
    await managers[0]!.synced
    counting!.cut.then(() => {
      if (cut.fate === 'dies') managers.push(startManager(server, [startJobController], { clock }))
    })
    const draft = work(spec, { namespace })
    await client.create(jobs, draft)
    const key = { namespace, name: 'work' }
    const listPods = async () => (await client.list(pods, { namespace })).items
    const job = await until(
      async () => {
        const current = await client.get(jobs, key)
        if (jobFinish(current) !== undefined) return current
        const indexes = (await listPods()).flatMap(({ metadata, status }) =>
          status.phase === 'Running' && metadata.deletionTimestamp === undefined
            ? (metadata.annotations?.[COMPLETION_INDEX] ?? [])
            : [],
        )
        if (new Set(indexes).size < indexes.length) throw new Error(`${title}: two pods of one index`)
        await clock.advance(15_000)
        return undefined
      },
      { describe: async () => [title, await client.get(jobs, key), (await listPods()).map(({ status }) => status)] },
    )
    await until(async () => !(await listPods()).some(isTracked), { describe: () => title })
    t.match(job.status, wanted, title)
    const { succeeded = 0, failed = 0 } = job.status
    t.equal(succeeded + failed, (await listPods()).length, `${title}: each pod is counted, and once`)
    for (const manager of managers) await manager.close()
    // What is over would only be listed again by every manager that follows.
    await client.delete(jobs, key)
    for (const pod of await listPods()) {
      await client.delete(pods, { namespace, name: pod.metadata.name }, { gracePeriodSeconds: 0 })
    }
    return counting!.isCut
  }, cutFates && { fates: cutFates })
}

t.test('cut off at any write, a Job with a failure comes to the same end', (t) =>
  playCuts(
    t,
    { completions: 1, parallelism: 1 },
    { fateOf: (_pod, decided) => (decided === 0 ? 1 : 0), wanted: { succeeded: 1, failed: 1 } },
  ),
)

t.test('so does one whose indexes have tries of their own', (t) =>
  playCuts(
    t,
    { completions: 2, parallelism: 2, completionMode: 'Indexed', backoffLimitPerIndex: 1 },
    {
      fateOf: ({ metadata }) => Number(metadata.annotations?.[COMPLETION_INDEX]),
      wanted: { succeeded: 1, failed: 2, completedIndexes: '0', failedIndexes: '1' },
      fates: ['dies'],
    },
  ),
)
