/** A client that speaks `v4.channel.k8s.io` over SPDY: one stream for each input and output, and one for how it ended. */
import type { Duplex } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { type Clock, delay } from '../../../shared/clock.ts'
import type { StreamQuery } from '../exec-target.ts'
import { type Inputs, type Peer, parseSize } from '../peer.ts'
import { SpdyConnection, type SpdyStream } from './connection.ts'

/** How long a client may take to open its streams, as upstream's. */
const OPEN_TIMEOUT_MS = 30_000
/** The longest message about a terminal's size. */
const SIZE_CHARACTERS_MAX = 1024

const TYPES = ['error', 'stdin', 'stdout', 'stderr', 'resize'] as const
type StreamType = (typeof TYPES)[number]

type Streams = ReadonlyMap<StreamType, SpdyStream>

const typesOf = ({ stdin, stdout, stderr, tty }: StreamQuery): StreamType[] => [
  'error',
  ...(stdin ? (['stdin'] as const) : []),
  ...(stdout ? (['stdout'] as const) : []),
  ...(stderr ? (['stderr'] as const) : []),
  ...(tty ? (['resize'] as const) : []),
]

/** Hands each line of a stream on, as long as it is not too long. */
async function eachLine(stream: SpdyStream, onLine: (line: string) => void): Promise<void> {
  let pending = ''
  for await (const chunk of stream) {
    const lines = `${pending}${chunk}`.split('\n')
    pending = lines.pop()!.slice(-SIZE_CHARACTERS_MAX)
    for (const line of lines) onLine(line)
  }
}

function receive(streams: Streams, { stdin, resize }: Inputs): void {
  const input = streams.get('stdin')
  // A program that has ended, or does not read, takes no more: what comes is dropped.
  if (stdin === undefined) input?.resume()
  else if (input !== undefined) pipeline(input, stdin).catch(() => input.resume())
  const resizeTo = (line: string) => {
    const size = parseSize(line)
    if (size !== undefined) resize(size)
  }
  const sizes = streams.get('resize')
  // It ends with the client, one way or the other.
  if (sizes !== undefined) eachLine(sizes, resizeTo).catch(() => undefined)
}

/** Writes a stream to its end, then ends what it was written to. */
async function write(stream: AsyncIterable<Buffer>, to: SpdyStream | undefined): Promise<void> {
  if (to === undefined) throw new Error('the client has not asked for this')
  // It sends nothing there.
  to.resume()
  await pipeline(stream, to)
}

/** Speaks with the client over its connection; resolves when it has opened its streams, with nothing if it does not. */
export async function spdyPeer(transport: Duplex, query: StreamQuery, clock: Clock): Promise<Peer | undefined> {
  const wanted = typesOf(query)
  const streams = new Map<StreamType, SpdyStream>()
  const opened = Promise.withResolvers<void>()
  const connection = new SpdyConnection(transport, {
    onStream(stream) {
      const type = wanted.find((name) => name === stream.headers.get('streamtype'))
      if (type === undefined || streams.has(type)) return void stream.destroy()
      streams.set(type, stream)
      if (streams.size === wanted.length) opened.resolve()
    },
  })
  const gone = new AbortController()
  void connection.closed.then(() => gone.abort())
  const waiting = new AbortController()
  // The wait ends with whatever comes first.
  const late = delay(clock, OPEN_TIMEOUT_MS, AbortSignal.any([gone.signal, waiting.signal])).catch(() => undefined)
  await Promise.race([opened.promise, late])
  waiting.abort()
  if (streams.size < wanted.length) {
    await connection.close()
    return undefined
  }
  return {
    gone: gone.signal,
    // The replies to its streams have told it already.
    announce: async () => undefined,
    receive: (inputs) => receive(streams, inputs),
    send: (output, stream) => write(stream, streams.get(output)),
    async conclude(status) {
      const error = streams.get('error')!
      error.resume()
      error.end(JSON.stringify(status))
      await finished(error, { readable: false, signal: gone.signal })
      await connection.close()
    },
  }
}
