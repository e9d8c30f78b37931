import { isApiError } from '../errors.ts'
import type { Logger } from '../log.ts'
import type { Plan } from './plan.ts'
import type { WorkQueue } from './work-queue.ts'

/** Brings the object of one key from what is to what should be. A throw tries it again after a back-off. */
export type Sync = (key: string) => Promise<Pick<Plan<never>, 'requeueAfterMs'>>

/** Failures that time alone heals: the next try sees the newer object, or the server again. */
const isExpected = (error: unknown) =>
  isApiError(error, 'Conflict', 'ServiceUnavailable', 'Timeout', 'TooManyRequests', 'NotFound')

/**
 * The loop of every controller: takes keys from the queue, syncs each, tries those that failed again later. No key is
 * synced twice at once. Resolves when the signal has aborted and what was under way is done.
 */
export async function runController({
  name,
  queue,
  sync,
  workers,
  logger,
  signal,
}: {
  name: string
  queue: WorkQueue
  sync: Sync
  /** How many keys are synced at once. */
  workers: number
  logger: Logger
  signal: AbortSignal
}): Promise<void> {
  async function work(): Promise<void> {
    for (let key = await queue.take(signal); key !== undefined; key = await queue.take(signal)) {
      try {
        const { requeueAfterMs } = await sync(key)
        queue.forget(key)
        if (requeueAfterMs !== undefined) queue.addAfter(key, requeueAfterMs)
      } catch (error) {
        logger[isExpected(error) ? 'debug' : 'error']({ controller: name, key, err: error }, 'Sync failed')
        queue.retry(key)
      } finally {
        queue.done(key)
      }
    }
  }
  await Promise.all(Array.from({ length: workers }, work))
  queue.close()
}
