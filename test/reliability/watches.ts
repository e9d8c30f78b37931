/** Watches that are cut off at random bytes, read slowly, and go on from the last version that they saw. */

import type { IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from '../support/random.ts'
import type { Seen, Segment, Truth } from './ledger.ts'
import type { Life, RestartingServer } from './restarting-server.ts'
import { COLLECTION } from './writers.ts'

export interface WatchOptions {
  server: RestartingServer
  ca: string
  random: Random
  truth: Truth
  /** The label that it selects; undefined: everything. */
  shard?: string
  /** Whether connections are cut after a random number of bytes, and how many at most. */
  cutBytesMax?: number
  /** Whether it stops reading for a random time now and then, and for how long at most. */
  pauseMsMax?: number
  /** Ends the watch. */
  signal: AbortSignal
}

export interface WatchRun {
  segments: Segment[]
  /** How often it connected, and how often it was told to list again. */
  connections: number
  expired: number
  /** Resolves when it has seen everything up to a version, or has listed again since. */
  reach(revision: number): Promise<void>
  /** Resolves when it has ended. Rejects where the server answers what it must not. */
  done: Promise<void>
}

interface WatchLine {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  object: {
    code?: number
    message?: string
    metadata: { name: string; resourceVersion: string; labels?: { shard?: string } }
    data?: { id?: string }
  }
}

/** How a connection ended. */
type Ended = 'cut' | 'expired' | 'over'

/** Begins to watch, from a list of its own. */
export function startWatch(options: WatchOptions): WatchRun {
  const { server, random, truth, shard, signal, cutBytesMax, pauseMsMax } = options
  const selector = shard === undefined ? '' : `&labelSelector=shard%3D${shard}`
  const waiting = new Set<{ revision: number; resolve(): void }>()
  const run: WatchRun = {
    segments: [],
    connections: 0,
    expired: 0,
    reach(revision) {
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.add({ revision, resolve })
      progress()
      return promise
    },
    done: Promise.resolve(),
  }
  let segment: Segment | undefined

  function progress(): void {
    for (const waiter of waiting) {
      if ((segment?.upTo ?? 0) < waiter.revision) continue
      waiting.delete(waiter)
      waiter.resolve()
    }
  }

  const open = (life: Life, path: string): Promise<IncomingMessage> => {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const { ca } = options
    httpsRequest(new URL(path, life.url), { ca, headers: { ...life.headers }, agent: false, signal })
      .on('response', resolve)
      .on('error', reject)
      .end()
    return promise
  }

  async function list(life: Life): Promise<void> {
    const answer = await open(life, `${COLLECTION}?${selector}`)
    const chunks: Buffer[] = []
    for await (const chunk of answer) chunks.push(chunk as Buffer)
    const body = JSON.parse(Buffer.concat(chunks).toString()) as { metadata: { resourceVersion: string } }
    const from = Number(body.metadata.resourceVersion)
    segment = { shard, from, upTo: from, revisions: [], types: [] }
    run.segments.push(segment)
    progress()
  }

  /** Takes in one line; returns how the watch has ended by it, if it has. */
  function take(line: string, into: Segment): Ended | undefined {
    const { type, object } = JSON.parse(line) as WatchLine
    if (type === 'ERROR') {
      if (object.code === 410) return 'expired'
      throw new Error(`a watch was told ${object.code} ${object.message}`)
    }
    const revision = Number(object.metadata.resourceVersion)
    if (type === 'BOOKMARK') {
      if (revision < into.upTo) throw new Error(`a bookmark went back from ${into.upTo} to ${revision}`)
    } else {
      into.revisions.push(revision)
      into.types.push(type[0]!)
      if (shard === undefined) truth.see(seenOf(type, object, revision))
    }
    into.upTo = revision
    progress()
    return undefined
  }

  /** Reads one connection to its end. */
  async function read(answer: IncomingMessage, into: Segment): Promise<Ended> {
    let left = cutBytesMax === undefined ? Number.POSITIVE_INFINITY : 1 + random.below(cutBytesMax)
    let rest = ''
    answer.setEncoding('latin1') // names and values are ASCII, and bytes are what is counted
    for await (const chunk of answer as AsyncIterable<string>) {
      const kept = chunk.slice(0, left)
      left -= kept.length
      const lines = (rest + kept).split('\n')
      rest = lines.pop()!
      for (const line of lines) {
        const ended = take(line, into)
        if (ended !== undefined) return ended
      }
      if (left === 0) return 'cut' // which destroys the connection
      if (pauseMsMax !== undefined && random.chance(0.02))
        await delay(random.next() * pauseMsMax, undefined, { signal })
    }
    return 'over'
  }

  async function connect(life: Life): Promise<void> {
    if (segment === undefined) await list(life)
    const into = segment!
    const path = `${COLLECTION}?watch=1&allowWatchBookmarks=true&resourceVersion=${into.upTo}${selector}`
    const answer = await open(life, path)
    run.connections++
    if (answer.statusCode === 410 || (await read(answer, into)) === 'expired') {
      answer.destroy()
      run.expired++
      segment = undefined
    }
  }

  async function go(): Promise<void> {
    while (!signal.aborted) {
      const life = await Promise.race([server.life(), aborted(signal)])
      if (life === undefined) return
      try {
        await connect(life)
      } catch (error) {
        // Connections end with the server and with the watch itself.
        if (!isDisconnect(error)) throw error
        await delay(5)
      }
    }
  }

  run.done = go()
  return run
}

const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }))

const DISCONNECTS = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ABORT_ERR', 'ERR_STREAM_PREMATURE_CLOSE'])

const isDisconnect = (error: unknown) => DISCONNECTS.has((error as NodeJS.ErrnoException).code ?? '')

function seenOf(type: Seen['type'], { metadata, data }: WatchLine['object'], revision: number): Seen {
  const write = data?.id ?? 'nothing'
  return {
    revision,
    type,
    name: metadata.name,
    id: type === 'DELETED' ? `delete ${write}` : write,
    shard: metadata.labels?.shard ?? '',
  }
}
