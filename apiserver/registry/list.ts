import { ApiError, expired } from '../../shared/errors.ts'
import type { CachedObject } from '../cache/cache.ts'
import { decodeStored, withRevision } from '../codec/encode.ts'
import { cacheKeyFrom, storageKeyOf, storagePrefixOf } from '../storage/keys.ts'
import { CompactedError } from '../storage/storage.ts'
import { type ContinueToken, decodeContinue, encodeContinue } from './continue-token.ts'
import { type ListQuery, parseCount, parseRevision, validateListQuery } from './list-options.ts'
import { catchUp, type Resource } from './resource.ts'
import { type Selection, selectionOf } from './selection.ts'

export interface ListPage {
  items: readonly CachedObject[]
  /** The revision that all pages of this list show. */
  revision: number
  /** The token of the next page; absent on the last one. */
  continue?: string
  /** Objects after this page; absent where selectors make it unknown. */
  remaining?: number
}

interface PageRequest {
  selection: Selection
  limit: number | undefined
  after?: string
}

/** Records read from the store at a time for a page as of an older revision. */
const RANGE_CHUNK = 500

/** The page of a list whose objects are all at hand, in key order. */
function cutPage(
  objects: readonly CachedObject[],
  revision: number,
  { selection, limit, after }: PageRequest,
): ListPage {
  const rest = after === undefined ? objects : objects.slice(firstAfter(objects, after))
  if (limit === undefined || rest.length <= limit) return { items: rest, revision }
  const items = rest.slice(0, limit)
  return {
    items,
    revision,
    continue: encodeContinue({ revision, after: items.at(-1)!.key }),
    ...(!selection.isFiltered && { remaining: rest.length - limit }),
  }
}

/** Index of the first object whose key comes after `key`. */
function firstAfter(objects: readonly CachedObject[], key: string): number {
  let [low, high] = [0, objects.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (objects[middle]!.key > key) high = middle
    else low = middle + 1
  }
  return low
}

const pageNow = ({ cache }: Resource, request: PageRequest): ListPage =>
  cutPage(cache.list(request.selection), cache.revision, request)

/** A page as of a revision that the cache has left behind: read from the store, as far as the page goes. */
async function pageAt({ kind, storage }: Resource, revision: number, request: PageRequest): Promise<ListPage> {
  const { selection, limit } = request
  const prefix = storagePrefixOf(kind, selection.namespace)
  const items: CachedObject[] = []
  let after = request.after === undefined ? undefined : storageKeyOf(kind, request.after)
  for (;;) {
    const range = await storage.range(prefix, { revision, limit: RANGE_CHUNK, ...(after !== undefined && { after }) })
    for (const { key: storageKey, value, revision: written } of range.records) {
      const key = cacheKeyFrom(kind, storageKey)
      const object = decodeStored(value, written)
      if (selection.name !== undefined && object.metadata.name !== selection.name) continue
      if (selection.matches?.(object) === false) continue
      if (items.length === limit)
        return { items, revision, continue: encodeContinue({ revision, after: items.at(-1)!.key }) }
      items.push({ key, object, json: withRevision(value, kind, written), revision: written })
    }
    if (!range.more) return { items, revision }
    after = range.records.at(-1)!.key
  }
}

const OLD_TOKEN =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.'

/** The answer to a token whose revision is gone: it carries a token that goes on with what is current. */
const tokenExpired = (after: string) =>
  new ApiError(410, 'Expired', OLD_TOKEN, undefined, { continue: encodeContinue({ revision: -1, after }) })

async function nextPage(resource: Resource, token: ContinueToken, request: PageRequest): Promise<ListPage> {
  const { revision, after } = token
  if (revision === -1) {
    await catchUp(resource)
    return pageNow(resource, { ...request, after })
  }
  if (revision === resource.cache.revision) return pageNow(resource, { ...request, after })
  try {
    return await pageAt(resource, revision, { ...request, after })
  } catch (error) {
    throw error instanceof CompactedError ? tokenExpired(after) : error
  }
}

async function pageExactly(resource: Resource, revision: number, request: PageRequest): Promise<ListPage> {
  await resource.cache.waitFor(revision)
  if (resource.cache.revision === revision) return pageNow(resource, request)
  try {
    return await pageAt(resource, revision, request)
  } catch (error) {
    if (!(error instanceof CompactedError)) throw error
    throw expired(`The provided resource version is too old: ${revision} (${error.compactedRevision})`)
  }
}

/** One page of a list: as of now, or of the version that the query asks for. Throws ApiErrors. */
export async function listObjects(resource: Resource, query: ListQuery): Promise<ListPage> {
  validateListQuery(query)
  const selection = selectionOf(resource.kind, query)
  const limit = parseCount('limit', query.limit)
  const request: PageRequest = { selection, limit }
  if (query.continue) return nextPage(resource, decodeContinue(query.continue), request)
  if (!query.resourceVersion) {
    await catchUp(resource)
    return pageNow(resource, request)
  }
  const revision = parseRevision(query.resourceVersion)
  // Any version will do, so the cache answers at once and whole, as upstream's does.
  if (revision === 0) return pageNow(resource, { selection, limit: undefined })
  const isExact = query.resourceVersionMatch ? query.resourceVersionMatch === 'Exact' : limit !== undefined
  if (isExact) return pageExactly(resource, revision, request)
  await resource.cache.waitFor(revision)
  return pageNow(resource, request)
}
