import { randomInt } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Kind } from '../../shared/api/kind.ts'
import { isApiError, notAcceptable } from '../../shared/errors.ts'
import type { ListQuery } from '../registry/list-options.ts'
import { parseCount, parseFlag } from '../registry/list-options.ts'
import type { Resource } from '../registry/resource.ts'
import { watchObjects } from '../registry/watch.ts'
import { type ApiRequest, JSON_TYPE, one, type StreamAnswer } from './exchange.ts'
import type { Representation } from './negotiate.ts'
import { representationFor } from './render.ts'
import { parseIncludeObject } from './table.ts'
import { bookmarkFrame, createPartialFrames, createTableFrames, type Frames } from './watch-frames.ts'
import { streamError, streamWatch } from './watch-stream.ts'

/** A watch without a timeout of its own lasts between these, so that not all watches end at once. Upstream's figures. */
const TIMEOUT_MIN_SECONDS = 1800
const TIMEOUT_MAX_SECONDS = 3600

const timeoutMsOf = (request: ApiRequest) =>
  1000 *
  (parseCount('timeoutSeconds', one(request.query, 'timeoutSeconds')) ??
    randomInt(TIMEOUT_MIN_SECONDS, TIMEOUT_MAX_SECONDS))

function framesFor(
  { kind, clock }: Resource,
  { as, version, format }: Representation,
  { request, objectFrames }: { request: ApiRequest; objectFrames: Frames },
): Frames {
  if (format !== 'json') throw notAcceptable()
  switch (as) {
    case undefined:
      return objectFrames
    case 'Table': {
      const includeObject = parseIncludeObject(one(request.query, 'includeObject'))
      return createTableFrames(kind, { version, includeObject }, () => clock.nowMs())
    }
    default:
      return createPartialFrames(version)
  }
}

const bookmarker = (kind: Kind, as: string | undefined) => (revision: number, endsInitial: boolean) =>
  bookmarkFrame(kind, revision, { endsInitial, ...(as !== undefined && { as }) })

/** Begins the watch that a request asks for. Refusals are thrown, but for a version that is too old: that is streamed. */
export async function watchAnswer(
  resource: Resource,
  query: ListQuery,
  { request, objectFrames }: { request: ApiRequest; objectFrames: Frames },
): Promise<StreamAnswer> {
  const representation = representationFor(request)
  const frames = framesFor(resource, representation, { request, objectFrames })
  const wantsBookmarks = parseFlag(one(request.query, 'allowWatchBookmarks')) === true
  const timeoutMs = timeoutMsOf(request)
  const stop = new AbortController()
  const begin = (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': JSON_TYPE, 'cache-control': 'no-cache, private' })
    response.flushHeaders()
  }
  try {
    const watch = await watchObjects(resource, query, stop.signal)
    return {
      async stream(response, signal) {
        const end = () => stop.abort()
        signal.addEventListener('abort', end, { once: true })
        if (signal.aborted) end()
        begin(response)
        const bookmark = wantsBookmarks ? { bookmark: bookmarker(resource.kind, representation.as) } : {}
        await streamWatch(response, watch, { clock: resource.clock, frames, timeoutMs, stop, ...bookmark })
      },
    }
  } catch (error) {
    if (!isApiError(error, 'Expired')) throw error
    return {
      async stream(response) {
        begin(response)
        streamError(response, error)
      },
    }
  }
}
