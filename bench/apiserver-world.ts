/** Everything that the API server's benchmark runs against: the server, etcd, a bare HTTPS server, and who makes the load. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ApiProcess, type ApiServerHome, createApiServerHome } from '../test/support/api-process.ts'
import { type Etcd, startEtcd } from './etcd.ts'
import type { Target } from './load/connection.ts'
import type { Task } from './load/tasks.ts'
import { type LoadProcess, type Measured, startLoad } from './load-process.ts'
import { end, hasProgram } from './processes.ts'
import { type Reading, read } from './wrk.ts'

const BARE = fileURLToPath(new URL('./bare-server.ts', import.meta.url))

interface Served {
  target: Target
  pid: number
}

export interface World {
  /** Makes a load on the API server. */
  run(task: Task): Promise<Measured>
  /** Reads from it, with `wrk` where that is installed. */
  read(reading: Pick<Reading, 'path' | 'connections' | 'seconds'>): Promise<Measured>
  /** The same reads of the same bytes from a bare HTTPS server. */
  readBare(reading: Pick<Reading, 'path' | 'connections' | 'seconds'>): Promise<Measured>
  /** Makes a load on etcd; absent where that is not installed. */
  runEtcd?(task: Task): Promise<Measured>
  readonly serverPid: number
  /** An empty directory on the disk that the stores are on. */
  readonly directory: string
  stop(): Promise<void>
}

async function fetchText({ ca, token }: ApiServerHome, url: string): Promise<string> {
  const { get } = await import('node:https')
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  get(url, { ca, headers: { authorization: `Bearer ${token}` }, agent: false }, async (answer) => {
    const chunks: Buffer[] = []
    for await (const chunk of answer) chunks.push(chunk as Buffer)
    resolve(Buffer.concat(chunks).toString())
  }).on('error', reject)
  return promise
}

/** Serves what the API server answers under some paths by a bare server, with the same certificate. */
async function startBare(home: ApiServerHome, server: ApiProcess, paths: readonly string[]) {
  const bodies = Object.fromEntries(
    await Promise.all(paths.map(async (path) => [path, await fetchText(home, `${server.url}${path}`)] as const)),
  )
  const child = fork(BARE, { stdio: 'inherit' })
  const file = (name: string) => readFileSync(join(home.directory, name), 'utf8')
  child.send({ cert: file('crt'), key: file('key'), bodies })
  const [port] = (await once(child, 'message')) as [number]
  return { child, port }
}

/** Starts everything; `fill` makes what `paths` then show. */
export async function startWorld(fill: (run: World['run']) => Promise<void>, paths: readonly string[]): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), 'kubeproc-bench-'))
  const home = await createApiServerHome(directory)
  const server = await ApiProcess.start(home)
  const etcd: Etcd | undefined = hasProgram('etcd') ? await startEtcd(directory) : undefined
  const load: LoadProcess = startLoad()
  const { hostname: host, port } = new URL(server.url)
  const target: Target = { host, port: Number(port), ca: home.ca, token: home.token }
  const own: Served = { target, pid: server.child.pid! }
  const run: World['run'] = (task) => load.run(task, own.target, own.pid)
  await fill(run)
  const bare = await startBare(home, server, paths)
  const plain: Served = { target: { ...target, port: bare.port }, pid: bare.child.pid! }
  const hasWrk = hasProgram('wrk')
  const readFrom = (
    served: Served,
    { path, connections, seconds }: Pick<Reading, 'path' | 'connections' | 'seconds'>,
  ) =>
    hasWrk
      ? read({ ...served, path, connections, seconds }, directory)
      : load.run({ do: 'read', path, connections, ms: seconds * 1000 }, served.target, served.pid)
  return {
    run,
    read: (reading) => readFrom(own, reading),
    readBare: (reading) => readFrom(plain, reading),
    ...(etcd !== undefined && { runEtcd: (task) => load.run(task, etcd.target, etcd.pid) }),
    serverPid: own.pid,
    directory,
    async stop() {
      await Promise.all([load.stop(), end(bare.child), server.end(), etcd?.stop()])
      await rm(directory, { recursive: true })
    },
  }
}
