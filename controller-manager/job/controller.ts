import type { Job } from '../../shared/api/job/job.ts'
import type { KubeObject } from '../../shared/api/kind.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import { jobs as jobResource, pods as podResource } from '../../shared/client/resources.ts'
import { createExpectations, type Expectations } from '../../shared/controller/expectations.ts'
import { byController, byNamespace, controllerOf } from '../../shared/controller/indexes.ts'
import type { Informer } from '../../shared/controller/informer.ts'
import { runController } from '../../shared/controller/run-controller.ts'
import { keyOf } from '../../shared/controller/store.ts'
import { createWorkQueue, type WorkQueue } from '../../shared/controller/work-queue.ts'
import { createWrittenObjects } from '../../shared/controller/written-objects.ts'
import { matchesSelector, selectorFromLabelSelector } from '../../shared/labels.ts'
import type { StartController } from '../context.ts'
import { enqueueOrphans, syncOrphan } from './orphans.ts'
import { forgetGone, syncJob } from './sync.ts'

const NAME = 'job-controller'

interface EnqueueDeps {
  jobs: Informer<Job>
  pods: Informer<Pod>
  expectations: Expectations
  queue: WorkQueue
}

/** Puts the Jobs that an event concerns into the queue. */
function enqueueOn({ jobs, pods, queue, expectations }: EnqueueDeps): void {
  const enqueue = (object: KubeObject) => queue.add(keyOf(object))
  jobs.subscribe({ add: enqueue, update: (_old, current) => enqueue(current), delete: enqueue })

  function enqueueJobOf(pod: Pod): void {
    const ref = controllerOf(pod)
    const { namespace } = pod.metadata
    if (ref === undefined) {
      for (const job of jobs.store.by('namespace', namespace ?? '')) {
        if (matchesSelector(selectorFromLabelSelector(job.spec.selector), pod.metadata.labels)) enqueue(job)
      }
      return
    }
    const key = keyOf({ metadata: { name: ref.name, ...(namespace !== undefined && { namespace }) } })
    if (jobs.store.get(key)?.metadata.uid === ref.uid) queue.add(key)
  }

  const observe = ({ metadata: { uid, deletionTimestamp } }: Pod) => {
    expectations.creationObserved(uid)
    if (deletionTimestamp !== undefined) expectations.deletionObserved(uid)
  }
  pods.subscribe({
    add(pod) {
      observe(pod)
      enqueueJobOf(pod)
    },
    update(old, pod) {
      observe(pod)
      if (controllerOf(old)?.uid !== controllerOf(pod)?.uid) enqueueJobOf(old)
      enqueueJobOf(pod)
    },
    delete(pod) {
      expectations.deletionObserved(pod.metadata.uid)
      enqueueJobOf(pod)
    },
  })
}

/** Runs the pods of Jobs until enough of them have succeeded, or too many have failed. */
export const startJobController: StartController = async (context) => {
  const { client, clock, informers, logger, options, signal } = context
  const jobs = informers.get(jobResource, { namespace: byNamespace })
  const pods = informers.get(podResource, { controller: byController })
  await Promise.all([jobs.synced, pods.synced])
  const deps = {
    client,
    clock,
    jobs,
    pods,
    events: context.recorder(NAME),
    expectations: createExpectations({ clock }),
    writtenJobs: createWrittenObjects<Job>(),
    writtenPods: createWrittenObjects<Pod>(),
  }
  const queue = createWorkQueue({ clock })
  const orphans = createWorkQueue({ clock })
  enqueueOn({ ...deps, queue })
  forgetGone(deps)
  enqueueOrphans(deps, orphans)
  await Promise.all([
    runController({
      name: NAME,
      queue,
      sync: syncJob(deps),
      workers: options['concurrent-job-syncs'],
      logger,
      signal,
    }),
    runController({ name: `${NAME} (orphans)`, queue: orphans, sync: syncOrphan(deps), workers: 1, logger, signal }),
  ])
}
