import type { DeleteOptions } from '../../shared/api/meta.ts'
import { isApiError } from '../../shared/errors.ts'
import { deleteObject } from './delete.ts'
import { type ListPage, listObjects } from './list.ts'
import type { ListQuery } from './list-options.ts'
import type { Resource, WriteOptions } from './resource.ts'

/** Deletes under way at the same time: enough to share the store's commits, few enough not to crowd out others. */
const DELETES_MAX = 32

/** Deletes every object that a query selects, and returns them as they were. Not atomic: the first failure ends it. */
export async function deleteCollection(
  resource: Resource,
  query: ListQuery,
  write: WriteOptions & { options: DeleteOptions },
): Promise<ListPage> {
  const page = await listObjects(resource, query)
  const queue = page.items.values()
  const work = async () => {
    for (const { object } of queue) {
      const { name, namespace } = object.metadata
      try {
        await deleteObject(resource, { name, ...(namespace !== undefined && { namespace }) }, write)
      } catch (error) {
        // Somebody else deleted it first: that is what was wanted.
        if (!isApiError(error, 'NotFound')) throw error
      }
    }
  }
  await Promise.all(Array.from({ length: DELETES_MAX }, work))
  return page
}
