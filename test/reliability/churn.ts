/**
 * Writers and watches on an API server that is killed again and again: no acknowledged write may be lost or done twice,
 * versions never go back, and a watch that goes on from its last version sees every change exactly once.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { type ApiServerHome, createApiServerHome } from '../support/api-process.ts'
import { createRandom } from '../support/random.ts'
import { type Attempt, createTruth, judgeAttempts, judgeSegment, type Seen, viewOfShard } from './ledger.ts'
import { RestartingServer } from './restarting-server.ts'
import { startWatch, type WatchRun } from './watches.ts'
import { COLLECTION, runWriters, SHARDS } from './writers.ts'

export interface ChurnOptions {
  directory: string
  seed: number
  writers: number
  /** Watches of everything, and as many that select by a label. */
  watches: number
  /** It goes on until the server was ended so often, and the watches have seen so many events together. */
  kills: number
  deliveries: number
  /** The server lives this long between ends, at most. */
  lifeMsMax: number
  /** Share of the ends that are asked for by SIGTERM. */
  politeShare: number
  cutBytesMax?: number
  pauseMsMax?: number
  serverFlags?: readonly string[]
  /** Whether a watch may be told that its version is too old. */
  mayExpire: boolean
  /** Told now and then how far it is. */
  report?: (line: string) => void
}

export interface ChurnResult {
  kills: number
  killsWhileStarting: number
  acknowledged: number
  refused: number
  unknown: number
  changes: number
  deliveries: number
  connections: number
  expired: number
  /** What is wrong, each in words; empty: nothing. */
  faults: string[]
}

const LIFE_MS_MIN = 20

const total = (numbers: Iterable<number>) => [...numbers].reduce((sum, number) => sum + number, 0)
const deliveriesOf = (runs: readonly WatchRun[]) =>
  total(runs.flatMap(({ segments }) => segments.map(({ revisions }) => revisions.length)))

interface Final {
  revision: number
  /** Last write of each object that is there. */
  objects: Map<string, string>
}

async function finalState(server: RestartingServer): Promise<Final> {
  const { pool, headers } = await server.life()
  const answer = await pool.request({ method: 'GET', path: COLLECTION, headers })
  const { metadata, items } = (await answer.body.json()) as {
    metadata: { resourceVersion: string }
    items: { metadata: { name: string }; data?: { id?: string } }[]
  }
  return {
    revision: Number(metadata.resourceVersion),
    objects: new Map(items.map(({ metadata: { name }, data }) => [name, data?.id ?? ''])),
  }
}

/** What is wrong with the last state, given all changes in order. */
function judgeFinal(changes: readonly Seen[], { revision, objects }: Final): string[] {
  const wanted = new Map<string, string>()
  for (const { type, name, id } of changes) {
    if (type === 'DELETED') wanted.delete(name)
    else wanted.set(name, id)
  }
  const names = new Set([...wanted.keys(), ...objects.keys()])
  const newest = changes.at(-1)?.revision ?? 0
  return [
    ...(revision < newest ? [`the list is of version ${revision}, ${newest} was seen before`] : []),
    ...[...names]
      .filter((name) => wanted.get(name) !== objects.get(name))
      .map((name) => `${name} is ${objects.get(name)}, the watches say ${wanted.get(name)}`),
  ]
}

function judgeWatches(runs: readonly WatchRun[], changes: readonly Seen[]): string[] {
  const everything = changes.map(({ revision, type }) => ({ revision, type: type[0]! }))
  const views = new Map(SHARDS.map((shard) => [shard as string, viewOfShard(changes, shard)]))
  return runs
    .flatMap(({ segments }) => segments)
    .map((segment) => judgeSegment(segment, segment.shard === undefined ? everything : views.get(segment.shard)!))
    .filter((fault) => fault !== undefined)
}

/** Versions that writers were told must be higher than all that were known when the write began. */
function judgeOrder(attempts: readonly Attempt[]): string[] {
  const seen = new Map<number, string>()
  return attempts.flatMap(({ id, revision }) => {
    if (revision === undefined) return []
    const other = seen.get(revision)
    seen.set(revision, id)
    return other === undefined ? [] : [`${other} and ${id} were both told version ${revision}`]
  })
}

export async function runChurn(options: ChurnOptions): Promise<ChurnResult> {
  const home = await createApiServerHome(options.directory)
  return churnOn(home, options)
}

async function churnOn(home: ApiServerHome, options: ChurnOptions): Promise<ChurnResult> {
  const { seed, writers, watches, kills, deliveries, lifeMsMax, politeShare, report = () => undefined } = options
  const random = createRandom(seed)
  const server = new RestartingServer({
    home,
    random: random.fork(),
    flags: options.serverFlags ?? [],
    connections: writers,
  })
  const truth = createTruth()
  const attempts: Attempt[] = []
  const stopWatches = new AbortController()
  let isOver = false
  await server.start()
  const runs = Array.from({ length: watches * 2 }, (_, index) =>
    startWatch({
      server,
      ca: home.ca,
      random: random.fork(),
      truth,
      signal: stopWatches.signal,
      ...(index >= watches && { shard: SHARDS[index % SHARDS.length]! }),
      // One of each watches without being disturbed.
      ...(index % watches > 0 && options),
    }),
  )
  const writing = runWriters({
    server,
    random: random.fork(),
    writers,
    note: (attempt) => void attempts.push(attempt),
    isOver: () => isOver,
  })

  async function disturb(): Promise<void> {
    while (server.ends < kills || deliveriesOf(runs) < deliveries) {
      await delay(LIFE_MS_MIN + random.next() * lifeMsMax)
      if (server.ends < kills) await server.restart(random.chance(politeShare) ? 'SIGTERM' : 'SIGKILL')
      report(`${server.ends} ends, ${attempts.length} writes, ${deliveriesOf(runs)} deliveries`)
    }
  }

  try {
    const failed = Promise.all([writing, ...runs.map(({ done }) => done)])
    await Promise.race([disturb(), failed.then(() => Promise.reject(new Error('a client has ended too early')))])
    isOver = true
    await writing
    const final = await finalState(server)
    // A last write with each label, so that no watch can have missed anything before it.
    const last = await markEnds(server, attempts)
    await Promise.all(runs.map((run) => run.reach(last.get(labelOf(run, runs, watches))!)))
    const changes = [...truth.changes.values()].sort((a, b) => a.revision - b.revision)
    const before = changes.filter(({ revision }) => revision <= final.revision)
    return {
      kills: server.ends,
      killsWhileStarting: server.endsWhileStarting,
      acknowledged: attempts.filter(({ outcome }) => outcome === 'acknowledged').length,
      refused: attempts.filter(({ outcome }) => outcome === 'refused').length,
      unknown: attempts.filter(({ outcome }) => outcome === 'unknown').length,
      changes: changes.length,
      deliveries: deliveriesOf(runs),
      connections: total(runs.map(({ connections }) => connections)),
      expired: total(runs.map(({ expired }) => expired)),
      faults: [
        ...truth.contradictions,
        ...judgeOrder(attempts),
        ...judgeAttempts(attempts, truth.changes),
        ...judgeFinal(before, final),
        ...judgeWatches(runs, changes),
        ...(options.mayExpire ? [] : runs.filter(({ expired }) => expired > 0).map(() => 'a watch had to list again')),
      ],
    }
  } finally {
    isOver = true
    stopWatches.abort()
    await server.end('SIGKILL')
  }
}

/** The label that the watch of an index selects; '' for everything. */
function labelOf(run: WatchRun, runs: readonly WatchRun[], watches: number): string {
  const index = runs.indexOf(run)
  return index >= watches ? SHARDS[index % SHARDS.length]! : ''
}

/** Creates an object with each label; returns their versions by label, and the highest under ''. */
async function markEnds(server: RestartingServer, attempts: Attempt[]): Promise<Map<string, number>> {
  const { pool, headers } = await server.life()
  const marks = new Map<string, number>()
  for (const shard of SHARDS) {
    const id = `write-end-${shard}`
    const metadata = { name: `end-${shard}`, labels: { shard } }
    const answer = await pool.request({
      method: 'POST',
      path: COLLECTION,
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { id } }),
    })
    const created = (await answer.body.json()) as { metadata: { resourceVersion: string } }
    const revision = Number(created.metadata.resourceVersion)
    attempts.push({ id, outcome: 'acknowledged', revision })
    marks.set(shard, revision)
    marks.set('', revision)
  }
  return marks
}
