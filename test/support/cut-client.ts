/**
 * A client whose connection is cut at its n-th write, before the server has the request or after it has acted on it, as
 * when the process behind it is killed there or loses that one answer. With `cutEachWrite` a scenario is played for
 * every n: a controller must come to the same end whatever write it was cut off at.
 *
 * Events are not counted: they are written in the background, in an order of their own.
 */
import type { Client } from '../../shared/client/client.ts'
import type { Resource } from '../../shared/client/resource.ts'
import { unauthorized, unavailable } from '../../shared/errors.ts'

export interface Cut {
  /** Which write is cut, from 1. */
  write: number
  /** Whether the server has acted on the write by then. */
  moment: 'before' | 'after'
  /** `dies`: nothing gets through from then on, in either direction. `fails`: only that write's answer is lost. */
  fate: 'dies' | 'fails'
}

export interface CutClient {
  client: Client
  /** How many writes were begun. */
  readonly writes: number
  readonly isCut: boolean
  /** Resolves when the cut has happened; never where there are fewer writes. */
  readonly cut: Promise<void>
}

/** Wraps a client so that it is cut once. Without a `cut` it only counts. */
export function createCutClient(inner: Client, cut?: Cut): CutClient {
  const happened = Promise.withResolvers<void>()
  let writes = 0
  let isCut = false
  const lost = () => unavailable('the connection was cut')
  const isDead = () => isCut && cut?.fate === 'dies'

  async function read<Answer>(request: () => Promise<Answer>): Promise<Answer> {
    if (isDead()) throw lost()
    const answer = await request()
    if (isDead()) throw lost()
    return answer
  }

  async function write<Answer>(resource: Resource | undefined, request: () => Promise<Answer>): Promise<Answer> {
    // An event of a dead process is refused for good, so that its recorder does not try until it is closed.
    if (resource?.plural === 'events') return isDead() ? Promise.reject(unauthorized()) : request()
    if (isDead()) throw lost()
    writes++
    if (cut === undefined || isCut || writes !== cut.write) return read(request)
    if (cut.moment === 'before') {
      isCut = true
      happened.resolve()
      throw lost()
    }
    // Where it dies, what else is under way reaches the server or not, but its answers find nobody.
    isCut = true
    try {
      await request()
    } finally {
      happened.resolve()
    }
    throw lost()
  }

  async function* watched<Event>(events: AsyncIterable<Event>): AsyncGenerator<Event> {
    for await (const event of events) {
      if (isDead()) throw lost()
      yield event
    }
  }

  const client: Client = {
    get: (resource, key) => read(() => inner.get(resource, key)),
    list: (resource, options) => read(() => inner.list(resource, options)),
    create: (resource, object) => write(resource as Resource, () => inner.create(resource, object)),
    update: (resource, object, options) => write(resource as Resource, () => inner.update(resource, object, options)),
    patch: (resource, key, patch) => write(resource as Resource, () => inner.patch(resource, key, patch)),
    delete: (resource, key, options) => write(resource, () => inner.delete(resource, key, options)),
    watch: (resource, options, signal) => watched(inner.watch(resource, options, signal)),
    request: (method, path, body) =>
      method === 'GET'
        ? read(() => inner.request(method, path, body))
        : write(undefined, () => inner.request(method, path, body)),
    close: () => inner.close(),
  }
  return {
    client,
    get writes() {
      return writes
    },
    get isCut() {
      return isCut
    },
    cut: happened.promise,
  }
}

/**
 * Plays a scenario once for every write that it makes, for both moments and fates: `play` is given the cut and resolves,
 * at the scenario's end, with whether the cut has happened. Throws if there was nothing to cut, or no end of it.
 */
export async function cutEachWrite(
  play: (cut: Cut, title: string) => Promise<boolean>,
  { writesMax = 200, fates = ['dies', 'fails'] }: { writesMax?: number; fates?: readonly Cut['fate'][] } = {},
): Promise<void> {
  for (const fate of fates) {
    for (const moment of ['before', 'after'] as const) {
      let write = 1
      while (await play({ write, moment, fate }, `${fate} ${moment} write ${write}`)) {
        if (++write > writesMax) throw new Error(`the scenario still wrote after ${writesMax} writes`)
      }
      if (write === 1) throw new Error('the scenario made no write')
    }
  }
}

/** Something that works on a client until it is closed: a test's controller manager. */
export interface Worker {
  close(): Promise<void>
}

/**
 * Plays a scenario against a worker that is cut off; one that dies is replaced by another, as a supervisor would.
 * `scenario` resolves when the world is as it should be in the end. Tells whether the cut has happened.
 */
export async function survive(
  cut: Cut,
  start: (wrap: (client: Client) => Client) => Worker,
  scenario: () => Promise<void>,
): Promise<boolean> {
  const cuts: CutClient[] = []
  let worker = start((client) => {
    const cutClient = createCutClient(client, cut)
    cuts.push(cutClient)
    return cutClient.client
  })
  const isCut = () => cuts.some((client) => client.isCut)
  const replaced = Promise.race(cuts.map((client) => client.cut)).then(async () => {
    if (cut.fate !== 'dies') return
    await worker.close()
    worker = start((client) => client)
  })
  try {
    await scenario()
  } finally {
    if (isCut()) await replaced
    await worker.close()
  }
  return isCut()
}
