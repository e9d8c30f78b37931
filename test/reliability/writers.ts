/** Writers that create, change and delete a few objects each and together, and note what they were told. */
import type { Random } from '../support/random.ts'
import type { Attempt } from './ledger.ts'
import type { Life, RestartingServer } from './restarting-server.ts'

/** Where they write. */
export const COLLECTION = '/api/v1/namespaces/default/configmaps'
/** Values of the label that some watches select by. */
export const SHARDS = ['a', 'b', 'c'] as const
/** Objects of each writer's own, and objects that all of them fight for. */
const OWN_OBJECTS = 8
const SHARED_OBJECTS = 16
const TEXT_CHARACTERS_MAX = 600

export interface WritersOptions {
  server: RestartingServer
  random: Random
  writers: number
  /** Told of every attempt when its outcome is known. */
  note(attempt: Attempt): void
  /** Asked before every write. */
  isOver(): boolean
}

/** What a writer knows of an object: undefined, nothing certain; otherwise its version (0: it is not there) and its last write. */
type Known = { revision: number; id: string }

interface Answer {
  status: number
  body: {
    metadata?: { resourceVersion?: string }
    data?: { id?: string }
  }
}

async function send({ pool, headers }: Life, method: string, path: string, body?: object): Promise<Answer> {
  const answer = await pool.request({
    method: method as 'GET',
    path,
    headers: { ...headers, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status: answer.statusCode, body: (await answer.body.json()) as Answer['body'] }
}

const REFUSED: ReadonlySet<number> = new Set([404, 409, 429])

/** Writes until it is over. Throws where an answer is neither an agreement nor a refusal nor a server that is ending. */
export async function runWriters(options: WritersOptions): Promise<void> {
  const { random, writers } = options
  await Promise.all(Array.from({ length: writers }, (_, index) => runWriter(index, random.fork(), options)))
}

async function runWriter(writer: number, random: Random, { server, note, isOver }: WritersOptions): Promise<void> {
  const known = new Map<string, Known>()
  let count = 0

  async function look(life: Life, name: string): Promise<Known> {
    const { status, body } = await send(life, 'GET', `${COLLECTION}/${name}`)
    if (status === 404) return { revision: 0, id: '' }
    if (status !== 200) throw new Error(`a read was answered with ${status}`)
    return { revision: Number(body.metadata!.resourceVersion), id: body.data!.id! }
  }

  /** One write of an object whose state is known; returns the state that it must have then, if that is certain. */
  async function write(life: Life, name: string, now: Known): Promise<Known | undefined> {
    const isDeletion = now.revision > 0 && random.chance(0.15)
    const id = isDeletion ? `delete ${now.id}` : `write-${writer}-${count++}`
    const resourceVersion = String(now.revision)
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, labels: { shard: random.pick(SHARDS) }, ...(now.revision > 0 && { resourceVersion }) },
      data: { id, text: 'x'.repeat(random.below(TEXT_CHARACTERS_MAX)) },
    }
    const path = `${COLLECTION}/${name}`
    let answer: Answer
    try {
      if (isDeletion) answer = await send(life, 'DELETE', path, { preconditions: { resourceVersion } })
      else if (now.revision > 0) answer = await send(life, 'PUT', path, object)
      else answer = await send(life, 'POST', COLLECTION, object)
    } catch {
      note({ id, outcome: 'unknown' })
      return undefined
    }
    if (REFUSED.has(answer.status)) {
      note({ id, outcome: 'refused' })
      return undefined
    }
    // A server that is ending cannot say what becomes of a write that it has begun.
    if (answer.status >= 500) {
      note({ id, outcome: 'unknown' })
      return undefined
    }
    if (answer.status !== 200 && answer.status !== 201)
      throw new Error(`a write was answered with ${answer.status}: ${JSON.stringify(answer.body)}`)
    if (isDeletion) {
      note({ id, outcome: 'acknowledged' })
      return { revision: 0, id: '' }
    }
    const revision = Number(answer.body.metadata!.resourceVersion)
    note({ id, outcome: 'acknowledged', revision })
    return { revision, id }
  }

  while (!isOver()) {
    const isShared = random.chance(0.2)
    const name = isShared ? `shared-${random.below(SHARED_OBJECTS)}` : `own-${writer}-${random.below(OWN_OBJECTS)}`
    const life = await server.life()
    let now: Known | undefined
    try {
      now = known.get(name) ?? (await look(life, name))
    } catch (error) {
      if (life === (await server.life())) throw error
      continue // the server died meanwhile
    }
    const next = await write(life, name, now)
    // What others write too is looked at again only when a write was refused: that makes for conflicts.
    if (next === undefined) known.delete(name)
    else known.set(name, next)
  }
}
