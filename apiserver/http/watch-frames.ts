/** The lines of a watch: `{"type":…,"object":…}`. */
import { apiVersionOf, type Kind } from '../../shared/api/kind.ts'
import type { ApiError } from '../../shared/errors.ts'
import type { CachedObject, CacheEvent } from '../cache/cache.ts'
import { statusOf } from './status.ts'
import { partialObject, renderTable, type TableOptions } from './table.ts'

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED'

/** Makes the lines of changes. */
export interface Frames {
  one(type: ChangeType, cached: CachedObject): Buffer
  /** The lines of a batch of changes together: one write, one TLS record. */
  batch(events: readonly CacheEvent[]): Buffer
}

const FRAME_END = Buffer.from('}\n')

const frame = (type: string, json: Buffer | string): Buffer =>
  typeof json === 'string'
    ? Buffer.from(`{"type":"${type}","object":${json}}\n`)
    : Buffer.concat([Buffer.from(`{"type":"${type}","object":`), json, FRAME_END])

function changeOf({ current, previous }: CacheEvent): { type: ChangeType; cached: CachedObject } {
  if (current === undefined) return { type: 'DELETED', cached: previous! }
  return { type: previous === undefined ? 'ADDED' : 'MODIFIED', cached: current }
}

function framesBy(one: Frames['one']): Frames {
  const ofEvent = (event: CacheEvent) => {
    const { type, cached } = changeOf(event)
    return one(type, cached)
  }
  return {
    one,
    batch: (events) => (events.length === 1 ? ofEvent(events[0]!) : Buffer.concat(events.map(ofEvent))),
  }
}

/**
 * Lines of whole objects. Watchers with equal selections are handed the same batch, so its lines are made once for all
 * of them, and kept as long as the batch is.
 */
export function createObjectFrames(): Frames {
  const { one, batch } = framesBy((type, { json }) => frame(type, json))
  const known = new WeakMap<readonly CacheEvent[], Buffer>()
  return {
    one,
    batch(events) {
      const found = known.get(events) ?? batch(events)
      known.set(events, found)
      return found
    },
  }
}

/** Lines of Tables of one row, for one watcher: only its first says the columns. */
export function createTableFrames(
  kind: Kind,
  options: Omit<TableOptions, 'nowMs' | 'noHeaders'>,
  nowMs: () => number,
): Frames {
  let noHeaders = false
  return framesBy((type, cached) => {
    const metadata = { resourceVersion: cached.object.metadata.resourceVersion }
    const table = renderTable(kind, [cached], { ...options, metadata, noHeaders, nowMs: nowMs() })
    noHeaders = true
    return frame(type, table)
  })
}

/** Lines of metadata alone. */
export const createPartialFrames = (version: 'v1' | 'v1beta1'): Frames =>
  framesBy((type, cached) => frame(type, partialObject(cached, version)))

/** A bookmark is of the type that the watch's other objects are of, or clients could not decode it. */
function bookmarkType(kind: Kind, as: string | undefined) {
  if (as === undefined) return { kind: kind.kind, apiVersion: apiVersionOf(kind) }
  if (as === 'Table') return { kind: 'Table', apiVersion: 'meta.k8s.io/v1', columnDefinitions: null, rows: [] }
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' }
}

/** Tells a watcher that it has seen everything up to a revision. */
export function bookmarkFrame(
  kind: Kind,
  revision: number,
  options: { endsInitial?: boolean; as?: string } = {},
): Buffer {
  const annotations = options.endsInitial ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}
  const metadata = { resourceVersion: String(revision), creationTimestamp: null, ...annotations }
  const object = { ...bookmarkType(kind, options.as), metadata }
  return frame('BOOKMARK', JSON.stringify(object))
}

/** Tells a watcher why its watch is over. */
export const errorFrame = (error: ApiError): Buffer => frame('ERROR', JSON.stringify(statusOf(error)))
