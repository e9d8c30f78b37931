/** The Job controller on the real API server, with a stepped clock and pods that end as the test decides. */
import type { Test } from 'tap'
import type { StartController } from '../../../controller-manager/context.ts'
import { jobFinish } from '../../../controller-manager/job/conditions.ts'
import { startJobController } from '../../../controller-manager/job/controller.ts'
import { isTracked } from '../../../controller-manager/job/job-pod.ts'
import type { Job } from '../../../shared/api/job/job.ts'
import type { Draft } from '../../../shared/api/kind.ts'
import type { Pod } from '../../../shared/api/pod/pod.ts'
import { events, jobs, pods } from '../../../shared/client/resources.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { until } from '../../support/until.ts'
import { inDefault, startManager } from '../running-controllers.ts'
import { type Fate, startFakeKubelet } from './fake-kubelet.ts'

export const work = (spec: object = {}, metadata: Draft<Job>['metadata'] = {}): Draft<Job> =>
  ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'work', namespace: 'default', ...metadata },
    spec: {
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'work' }] } },
      ...spec,
    },
  }) as unknown as Draft<Job>

/** A server, a kubelet and a clock; managers are started by the tests. Pods run on unless `fateOf` is replaced. */
export async function jobWorld(test: Test, controllers: readonly StartController[] = [startJobController]) {
  const server = await startTestApiServer(testDirectory(test))
  const { client } = server
  // In whole seconds, as the times of the API are.
  const clock = createFakeClock(Math.floor(Date.now() / 1_000) * 1_000)
  const world = {
    server,
    client,
    clock,
    fateOf: (_pod: Pod): Fate => 'runs',
    /** Decides from now on, also about pods that run already. */
    decide(fateOf: (pod: Pod) => Fate) {
      world.fateOf = fateOf
      kubelet.look()
    },
    manage(options: Parameters<typeof startManager>[2] = {}) {
      const manager = startManager(server, controllers, { clock, ...options })
      open.push(manager)
      return manager
    },
    create: (spec: object = {}, metadata: Draft<Job>['metadata'] = {}) => client.create(jobs, work(spec, metadata)),
    get: (name = 'work') => client.get(jobs, inDefault(name)),
    listPods: async () => (await client.list(pods)).items,
    change: (spec: object) => client.patch(jobs, inDefault('work'), { type: 'merge', body: { spec } }),
    /** Waits until the Job's status is as `check` wants it, letting time pass by steps where `stepMs` is given. */
    status: (check: (status: Job['status']) => unknown, stepMs = 0): Promise<Job> =>
      until(
        async () => {
          const job = await world.get()
          if (check(job.status)) return job
          await clock.advance(stepMs)
          return undefined
        },
        { describe: async () => [(await world.get()).status, await world.listPods()] },
      ),
    finished: async (stepMs = 0): Promise<Job> => world.status((status) => jobFinish({ status } as Job), stepMs),
    active: (count: number) => world.status(({ active = 0 }) => active === count),
    /** Waits until no pod is held by its finalizer. */
    released: () => until(async () => !(await world.listPods()).some(isTracked)),
    /** Reasons and messages of the events so far, without the random ends of names. */
    told: async () =>
      (await client.list(events)).items.map(
        ({ type, reason, message, source }) =>
          `${type} ${reason} ${message?.replace(/-[a-z0-9]{5}$/, '-*')} ${source?.component}`,
      ),
  }
  const kubelet = startFakeKubelet(client, { clock, fateOf: (pod) => world.fateOf(pod) })
  const open: { close(): Promise<void> }[] = [kubelet]
  test.teardown(async () => {
    for (const { close } of open) await close()
    await server.close()
  })
  return world
}
