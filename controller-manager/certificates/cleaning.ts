/** Removes certificate requests that have served their time. */
import { certificateSigningRequests } from '../../shared/client/resources.ts'
import { DONE } from '../../shared/controller/plan.ts'
import { runController, type Sync } from '../../shared/controller/run-controller.ts'
import { createWorkQueue } from '../../shared/controller/work-queue.ts'
import { isApiError } from '../../shared/errors.ts'
import type { StartController } from '../context.ts'
import { removableAtMs } from './plan-cleaning.ts'

const NAME = 'certificatesigningrequest-cleaner-controller'
const WORKERS = 1

export const startCertificateCleaning: StartController = async ({ client, clock, informers, logger, signal }) => {
  const requests = informers.get(certificateSigningRequests)
  await requests.synced
  const queue = createWorkQueue({ clock })
  requests.subscribe({
    add: ({ metadata }) => queue.add(metadata.name),
    update: (_old, { metadata }) => queue.add(metadata.name),
  })
  const sync: Sync = async (name) => {
    const request = requests.store.get(name)
    if (request === undefined) return DONE
    const waitMs = removableAtMs(request) - clock.nowMs()
    if (waitMs > 0) return { requeueAfterMs: waitMs }
    try {
      const { uid } = request.metadata
      await client.delete(
        certificateSigningRequests,
        { name },
        { ...(uid !== undefined && { preconditions: { uid } }) },
      )
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error
    }
    return DONE
  }
  await runController({ name: NAME, queue, sync, workers: WORKERS, logger, signal })
}
