import { pods } from '../../../shared/client/resources.ts'
import { isApiError } from '../../../shared/errors.ts'
import { removeTree } from '../../volumes/remove-tree.ts'
import type { PodMemory } from '../memory.ts'
import type { ActionDeps } from './action-deps.ts'

/** Lets the API forget a pod of which nothing runs any more. */
export async function deletePod({ pod }: PodMemory, { client }: ActionDeps): Promise<void> {
  const { name, namespace, uid } = pod.metadata
  const key = { name, ...(namespace !== undefined && { namespace }) }
  try {
    await client.delete(pods, key, { gracePeriodSeconds: 0, preconditions: { uid } })
  } catch (error) {
    // It is gone already, or another pod has its name.
    if (!isApiError(error, 'NotFound', 'Conflict')) throw error
  }
}

/** Removes everything of a pod that is on this node. */
export async function cleanUpPod({ pod }: PodMemory, { runtime, volumes, directoryOf }: ActionDeps): Promise<void> {
  const { uid } = pod.metadata
  await runtime.removeSandbox(uid)
  volumes.forget(uid)
  await removeTree(directoryOf(uid))
}
