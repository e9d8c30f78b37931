/**
 * Clients that create, replace, delete and read a few objects at once, on a server that may be killed meanwhile; each
 * object's history must be linearizable. Reads are of three kinds: single objects, lists, and lists by name.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { createApiServerHome } from '../support/api-process.ts'
import { isLinearizable, type Operation } from '../support/linearizability.ts'
import { createRandom, type Random } from '../support/random.ts'
import { type Life, RestartingServer } from './restarting-server.ts'

export interface HistoriesOptions {
  directory: string
  seed: number
  clients: number
  /** Rounds with objects of their own, so that no history becomes too long to judge. */
  rounds: number
  /** Operations of each client in a round. */
  operations: number
  /** Share of the rounds in which the server is killed. */
  killShare: number
  report?: (line: string) => void
}

export interface HistoriesResult {
  histories: number
  operations: number
  unanswered: number
  kills: number
  faults: string[]
}

const COLLECTION = '/api/v1/namespaces/default/configmaps'
const OBJECTS = 3
/** When a round's kill comes. */
const KILL_MS_MAX = 60

interface Body {
  metadata: { name: string; resourceVersion: string }
  data?: { value?: string }
  items?: Body[]
}

interface Known {
  value: string
  revision: string
}

interface Round {
  life: Life
  /** Names of its objects. */
  names: readonly string[]
  /** Operations by name. */
  histories: Map<string, Operation[]>
}

async function send({ pool, headers }: Life, method: string, path: string, body?: object) {
  const answer = await pool.request({
    method: method as 'GET',
    path,
    headers: { ...headers, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status: answer.statusCode, body: (await answer.body.json()) as Body }
}

const knownFrom = ({ metadata, data }: Body): Known => ({
  value: data!.value!,
  revision: metadata.resourceVersion,
})

type Write =
  | { do: 'create'; value: string }
  | { do: 'replace'; expected: string; value: string }
  | { do: 'delete'; expected: string }

function writeOf(seen: Known | undefined, value: string, isDeletion: boolean): Write {
  if (seen === undefined) return { do: 'create', value }
  return isDeletion ? { do: 'delete', expected: seen.value } : { do: 'replace', expected: seen.value, value }
}

const REFUSALS: readonly number[] = [404, 409]

/** Sends a write; throws where the answer neither agrees nor refuses. */
async function sendWrite(
  life: Life,
  name: string,
  { write, revision }: { write: Write; revision: string | undefined },
) {
  const path = `${COLLECTION}/${name}`
  const metadata = { name, resourceVersion: revision }
  const answer =
    write.do === 'delete'
      ? await send(life, 'DELETE', path, { preconditions: { resourceVersion: revision } })
      : await send(life, write.do === 'create' ? 'POST' : 'PUT', write.do === 'create' ? COLLECTION : path, {
          ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata },
          data: { value: write.value },
        })
  if (answer.status >= 300 && !REFUSALS.includes(answer.status))
    throw new Error(`a write was answered with ${answer.status}: ${JSON.stringify(answer.body)}`)
  return answer
}

async function runClient(random: Random, { life, names, histories }: Round, client: string, operations: number) {
  /** What this client last saw of each object: it writes on from there, though others may have changed it. */
  const known = new Map<string, Known>()
  const note = (name: string, operation: Operation) => histories.get(name)!.push(operation)

  const remember = (name: string, found: Known | undefined) => {
    if (found === undefined) known.delete(name)
    else known.set(name, found)
  }

  async function read(name: string): Promise<void> {
    const from = performance.now()
    const isList = random.chance(0.3)
    const path = isList
      ? `${COLLECTION}${random.chance(0.5) ? `?fieldSelector=metadata.name%3D${name}` : ''}`
      : `${COLLECTION}/${name}`
    const { status, body } = await send(life, 'GET', path)
    const to = performance.now()
    if (status !== 200 && (isList || status !== 404)) throw new Error(`a read was answered with ${status}`)
    const object = isList
      ? body.items!.find(({ metadata }) => metadata.name === name)
      : status === 200
        ? body
        : undefined
    const found = object === undefined ? undefined : knownFrom(object)
    note(name, { do: 'read', from, to, got: found?.value })
    remember(name, found)
  }

  async function write(name: string, value: string): Promise<void> {
    const seen = known.get(name)
    const write = writeOf(seen, value, random.chance(0.25))
    const from = performance.now()
    try {
      const { status, body } = await sendWrite(life, name, { write, revision: seen?.revision })
      const done = status < 300
      note(name, { ...write, from, to: performance.now(), done })
      remember(name, done && write.do !== 'delete' ? knownFrom(body) : undefined)
    } catch (error) {
      note(name, { ...write, from, to: Number.POSITIVE_INFINITY })
      throw error
    }
  }

  for (let count = 0; count < operations; count++) {
    const name = random.pick(names)
    if (random.chance(0.4)) await read(name)
    else await write(name, `${client}-${count}`)
  }
}

const isDisconnect = (error: unknown) =>
  ['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_DESTROYED'].includes(
    (error as NodeJS.ErrnoException).code ?? '',
  )

export async function runHistories(options: HistoriesOptions): Promise<HistoriesResult> {
  const { directory, seed, clients, rounds, operations, killShare, report = () => undefined } = options
  const random = createRandom(seed)
  const home = await createApiServerHome(directory)
  const server = new RestartingServer({ home, random: random.fork(), connections: clients })
  const result: HistoriesResult = { histories: 0, operations: 0, unanswered: 0, kills: 0, faults: [] }
  await server.start()

  async function runRound(index: number): Promise<Operation[][]> {
    const names = Array.from({ length: OBJECTS }, (_, object) => `object-${index}-${object}`)
    const round: Round = {
      life: await server.life(),
      names,
      histories: new Map(names.map((name) => [name, [] as Operation[]])),
    }
    const isKilled = random.chance(killShare)
    const running = Array.from({ length: clients }, (_, client) =>
      runClient(random.fork(), round, `${index}-${client}`, operations).catch((error) => {
        if (!isKilled || !isDisconnect(error)) throw error
      }),
    )
    if (isKilled) {
      await delay(random.next() * KILL_MS_MAX)
      await server.restart('SIGKILL')
    }
    await Promise.all(running)
    // What became of the writes that nobody was answered is seen by the next reads.
    const life = await server.life()
    for (const name of names) await runClient(random.fork(), { ...round, life, names: [name] }, `${index}-last`, 3)
    return [...round.histories.values()]
  }

  try {
    for (let index = 0; index < rounds; index++) {
      for (const history of await runRound(index)) {
        result.histories++
        result.operations += history.length
        result.unanswered += history.filter(({ to }) => to === Number.POSITIVE_INFINITY).length
        if (!isLinearizable(history)) result.faults.push(`round ${index}: not linearizable: ${JSON.stringify(history)}`)
      }
      report(`round ${index + 1} of ${rounds}`)
    }
    result.kills = server.ends
    return result
  } finally {
    await server.end('SIGKILL')
  }
}
