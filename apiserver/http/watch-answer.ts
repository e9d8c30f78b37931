import { randomInt } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Kind } from '../../shared/api/kind.ts'
import { isApiError, notAcceptable } from '../../shared/errors.ts'
import type { ListQuery } from '../registry/list-options.ts'
import { parseCount, parseFlag } from '../registry/list-options.ts'
import type { Resource } from '../registry/resource.ts'
import { watchObjects } from '../registry/watch.ts'
import { type ApiRequest, JSON_TYPE, one, type StreamAnswer, type StreamContext } from './exchange.ts'
import type { Representation } from './negotiate.ts'
import { representationFor } from './render.ts'
import { parseIncludeObject } from './table.ts'
import { bookmarkFrame, createPartialFrames, createTableFrames, type Frames } from './watch-frames.ts'
import { responseOutput, socketOutput, type WatchOutput } from './watch-output.ts'
import { streamError, streamWatch } from './watch-stream.ts'

/**
 * How long a watch lasts at most: as long as its client wants, else for `minSeconds` to twice as long, so that not all
 * watches end at once.
 */
const timeoutMsOf = (wantedSeconds: number | undefined, minSeconds: number) =>
  1000 * (wantedSeconds ?? randomInt(minSeconds, 2 * minSeconds + 1))

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
  const wantedSeconds = parseCount('timeoutSeconds', one(request.query, 'timeoutSeconds'))
  const stop = new AbortController()
  const begin = (response: ServerResponse): WatchOutput => {
    response.writeHead(200, { 'content-type': JSON_TYPE, 'cache-control': 'no-cache, private' })
    response.flushHeaders()
    return responseOutput(response)
  }
  const inTwoForms = (stream: (output: WatchOutput, context: StreamContext) => Promise<void>): StreamAnswer => ({
    stream: (response, context) => stream(begin(response), context),
    streamSocket: (socket, context) => stream(socketOutput(socket), context),
  })
  try {
    const watch = await watchObjects(resource, query, stop.signal)
    return inTwoForms(async (output, { signal, events, minRequestTimeoutSeconds }) => {
      const end = () => stop.abort()
      signal.addEventListener('abort', end, { once: true })
      if (signal.aborted) end()
      const bookmark = wantsBookmarks ? { bookmark: bookmarker(resource.kind, representation.as) } : {}
      const timeoutMs = timeoutMsOf(wantedSeconds, minRequestTimeoutSeconds)
      await streamWatch(output, watch, { clock: resource.clock, frames, timeoutMs, stop, events, ...bookmark })
    })
  } catch (error) {
    if (!isApiError(error, 'Expired')) throw error
    return inTwoForms(async (output) => streamError(output, error))
  }
}
