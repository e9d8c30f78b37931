import type { CronJob } from '../../shared/api/cron-job.ts'
import type { Job } from '../../shared/api/job/job.ts'
import type { Informer } from '../../shared/controller/informer.ts'
import { keyOf } from '../../shared/controller/store.ts'

/** What the controller knows of one CronJob beyond its caches: what it has just done, and what it has told. */
export interface Memory {
  readonly uid: string
  /** UIDs of Jobs that it has deleted and that the cache or the status still names. */
  readonly deleted: Set<string>
  /** The last Job that it has created, while the cache does not show it. */
  created?: Job
  /** The Jobs of the cache, with the created one where it is missing among them. */
  withCreated(jobs: Informer<Job>, cached: readonly Job[]): readonly Job[]
  /** Forgets deleted Jobs that neither the cache nor the status names any more. */
  prune(cronJob: CronJob, jobs: readonly Job[]): void
  /** Whether something is told about another thing than the last time. What lasts is told once. */
  isNews(reason: string, about: string): boolean
}

export function createMemory(uid: string): Memory {
  /** By reason: what was told last. There are but a handful of reasons. */
  const told = new Map<string, string>()
  return {
    uid,
    deleted: new Set(),
    withCreated(jobs, cached) {
      const { created } = this
      if (created === undefined) return cached
      const isShown = jobs.store.get(keyOf(created))?.metadata.uid === created.metadata.uid
      if (!isShown && !jobs.hasSeen(created.metadata.resourceVersion)) return [...cached, created]
      delete this.created
      return cached
    },
    prune({ status }, jobs) {
      const named = new Set([...(status.active ?? []), ...jobs.map(({ metadata }) => metadata)].map(({ uid }) => uid))
      for (const deletedUid of this.deleted) if (!named.has(deletedUid)) this.deleted.delete(deletedUid)
    },
    isNews(reason, about) {
      if (told.get(reason) === about) return false
      told.set(reason, about)
      return true
    },
  }
}
