/**
 * Disks that are full, fail to sync or may not be written: no write is acknowledged that is not kept, clients and log are
 * told what is wrong, and everything goes on by itself when the cause is gone.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Pool } from 'undici'
import { ApiProcess, type ApiServerHome, createApiServerHome } from '../support/api-process.ts'
import { createRandom, type Random } from '../support/random.ts'
import { until } from '../support/until.ts'

export interface DiskFaultsOptions {
  /** Default: all. */
  kinds?: readonly Fault[]
  directory: string
  seed: number
  /** How often each fault is tried. */
  rounds: number
  report?: (line: string) => void
}

export interface DiskFaultsResult {
  [figure: string]: number | string[]
  faults: string[]
}

const COLLECTION = '/api/v1/namespaces/default/configmaps'
const WRITERS = 16
const WRITES_MAX = 20_000
const TEXT_CHARACTERS = 8000
const TMPFS_MIB = 12

interface Answered {
  /** Versions of the writes that were acknowledged, by name. */
  acknowledged: Map<string, number>
  /** What the first write that was not acknowledged was told; undefined: the connection was lost. */
  refusal: { status: number; message: string } | undefined
}

const poolOf = ({ url }: ApiProcess, { ca }: ApiServerHome) => new Pool(url, { connect: { ca }, connections: WRITERS })

async function create(pool: Pool, { token }: ApiServerHome, name: string) {
  const answer = await pool.request({
    method: 'POST',
    path: COLLECTION,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } },
      data: { text: 'x'.repeat(TEXT_CHARACTERS) },
    }),
  })
  const body = (await answer.body.json()) as { message: string; metadata: { resourceVersion: string } }
  return { status: answer.statusCode, body }
}

/** Creates objects until one is not acknowledged. */
async function writeUntilRefused(server: ApiProcess, home: ApiServerHome, prefix: string): Promise<Answered> {
  const pool = poolOf(server, home)
  const answered: Answered = { acknowledged: new Map(), refusal: undefined }
  let count = 0
  let isOver = false
  const writeOn = async () => {
    while (!isOver && count < WRITES_MAX) {
      const name = `${prefix}-${count++}`
      try {
        const { status, body } = await create(pool, home, name)
        if (status === 201) answered.acknowledged.set(name, Number(body.metadata.resourceVersion))
        else {
          isOver = true
          answered.refusal ??= { status, message: body.message }
        }
      } catch {
        isOver = true // the server has ended
      }
    }
  }
  await Promise.all(Array.from({ length: WRITERS }, writeOn))
  await pool.destroy()
  if (!isOver) throw new Error(`${WRITES_MAX} writes did not meet the fault`)
  return answered
}

/** Names of acknowledged writes that a server does not hold as it said. */
async function lost(server: ApiProcess, home: ApiServerHome, { acknowledged }: Answered): Promise<string[]> {
  const pool = poolOf(server, home)
  const headers = { authorization: `Bearer ${home.token}` }
  const answer = await pool.request({ method: 'GET', path: COLLECTION, headers })
  const { items } = (await answer.body.json()) as { items: { metadata: { name: string; resourceVersion: string } }[] }
  await pool.destroy()
  const held = new Map(items.map(({ metadata }) => [metadata.name, Number(metadata.resourceVersion)]))
  return [...acknowledged]
    .filter(([name, revision]) => held.get(name) !== revision)
    .map(([name, revision]) => `${name} was acknowledged as ${revision}, but is ${held.get(name)}`)
}

const mismatch = (what: string, got: string | undefined, wanted: RegExp) =>
  got !== undefined && wanted.test(got) ? [] : [`${what}: ${got}`]

async function writesAgain(server: ApiProcess, home: ApiServerHome, name: string): Promise<boolean> {
  const pool = poolOf(server, home)
  try {
    return (await create(pool, home, name)).status === 201
  } finally {
    await pool.destroy()
  }
}

/** A server that is started on a full disk serves, or says why it does not. */
async function startsOrExplains(home: ApiServerHome): Promise<string[]> {
  try {
    await (await ApiProcess.start(home, { isQuiet: true })).end('SIGKILL')
    return []
  } catch (error) {
    return mismatch('a start on a full disk', String(error), /the disk of .* took nothing .*: make room or check it/)
  }
}

/** A file system in memory that becomes full, and has room again. */
async function fullDisk(directory: string, random: Random): Promise<string[]> {
  const mount = join(directory, 'small')
  mkdirSync(mount, { recursive: true })
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${TMPFS_MIB}m`, 'tmpfs', mount])
  if (mounted.status !== 0) throw new Error(`a file system of its own cannot be mounted: ${mounted.stderr}`)
  let server: ApiProcess | undefined
  try {
    const home = await createApiServerHome(mount)
    const ballasts = ['first', 'second'].map((name) => join(mount, name))
    for (const ballast of ballasts) writeFileSync(ballast, Buffer.alloc((1 + random.next() * 2) * 2 ** 20))
    server = await ApiProcess.start(home, { isQuiet: true })
    const faults: string[] = []
    const first = await writeUntilRefused(server, home, 'first')
    faults.push(
      ...mismatch('the refusal of a full disk', first.refusal?.message, /the disk of .* took nothing .*: make room/),
      ...(await lost(server, home, first)),
    )
    rmSync(ballasts[0]!)
    const going = server
    await until(() => writesAgain(going, home, 'again'), { describe: () => 'no write after room was made' })
    const second = await writeUntilRefused(server, home, 'second')
    faults.push(...(await lost(server, home, first)), ...(await lost(server, home, second)))
    await server.end('SIGKILL')
    faults.push(...(await startsOrExplains(home)))
    rmSync(ballasts[1]!)
    server = await ApiProcess.start(home, { isQuiet: true })
    return [...faults, ...(await lost(server, home, first)), ...(await lost(server, home, second))]
  } finally {
    await server?.end('SIGKILL')
    spawnSync('umount', [mount])
  }
}

/** A system call that fails from its n-th time on, for the files of the database alone. */
const inject = (home: ApiServerHome, call: string, error: string, when: string) => [
  ...['strace', '-f', '-qq', '-o', '/dev/null', '-P', join(home.dataDir, 'state.db'), '-P'],
  ...[join(home.dataDir, 'state.db-wal'), '-e', `trace=${call}`, '-e', `inject=${call}:error=${error}:when=${when}`],
]

/** A sync that fails: nobody can know what is on disk, so the server must end; started again, it goes on. */
async function failedSync(directory: string, random: Random): Promise<string[]> {
  const home = await createApiServerHome(directory)
  // The files must be there for strace to know them.
  await (await ApiProcess.start(home, { isQuiet: true })).end('SIGKILL')
  const through = inject(home, 'fdatasync', 'EIO', `${5 + random.below(200)}+`)
  const server = await ApiProcess.start(home, { through, isQuiet: true })
  const answered = await writeUntilRefused(server, home, 'sync')
  await server.exited
  const again = await ApiProcess.start(home, { isQuiet: true })
  try {
    return [
      ...mismatch(
        'the last words of the server',
        server.output(),
        /the disk of .* has failed .*EIO.*: check it, then start again/,
      ),
      ...(await lost(again, home, answered)),
      ...((await writesAgain(again, home, 'again')) ? [] : ['no write after the restart']),
    ]
  } finally {
    await again.end('SIGKILL')
  }
}

/** A file system that turns read-only for a while, as Linux does to one with errors. */
async function readOnly(directory: string, random: Random): Promise<string[]> {
  const home = await createApiServerHome(directory)
  await (await ApiProcess.start(home, { isQuiet: true })).end('SIGKILL')
  const first = 20 + random.below(300)
  const through = inject(home, 'pwrite64', 'EROFS', `${first}..${first + 60}`)
  const server = await ApiProcess.start(home, { through, isQuiet: true })
  const answered = await writeUntilRefused(server, home, 'read-only')
  const faults = [
    ...mismatch('the refusal of a read-only disk', answered.refusal?.message, /state\.db.*: (make room or )?check/),
    ...(await lost(server, home, answered)),
  ]
  await until(() => writesAgain(server, home, 'again'), { deadlineMs: 30_000, describe: () => server.output() })
  await server.end('SIGKILL')
  const again = await ApiProcess.start(home, { isQuiet: true })
  faults.push(...(await lost(again, home, answered)))
  await again.end('SIGKILL')
  return faults
}

const FAULTS = { 'full disk': fullDisk, 'failed sync': failedSync, 'read-only disk': readOnly }

type Fault = keyof typeof FAULTS

export async function runDiskFaults(options: DiskFaultsOptions): Promise<DiskFaultsResult> {
  const { kinds = Object.keys(FAULTS) as Fault[], directory, seed, rounds, report = () => undefined } = options
  const random = createRandom(seed)
  const result: DiskFaultsResult = { faults: [] }
  for (const name of kinds) {
    for (let round = 0; round < rounds; round++) {
      const own = join(directory, 'round')
      mkdirSync(own)
      for (const fault of await FAULTS[name](own, random.fork()))
        result.faults.push(`${name}, round ${round}: ${fault}`)
      rmSync(own, { recursive: true })
      report(`${name} ${round + 1} of ${rounds}`)
    }
    result[name] = rounds
  }
  return result
}
