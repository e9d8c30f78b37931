/** An API server process with certificates of its own, and a load generator beside it, for the benchmarks. */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createAuthority } from '../cluster/certificates.ts'
import type { Target } from './load/connection.ts'
import type { Report, Task } from './load/tasks.ts'

const MAIN = fileURLToPath(new URL('../apiserver/main.ts', import.meta.url))
const LOAD = fileURLToPath(new URL('./load/main.ts', import.meta.url))
/** Clock ticks per second of /proc: the same on every Linux that Node.js runs on. */
const TICKS_PER_SECOND = 100

/** What the load generator did, and what the server's processor time was meanwhile; undefined where there is no /proc. */
export interface Measured extends Report {
  serverCpuSeconds: number | undefined
}

export interface ApiProcess {
  run(task: Task): Promise<Measured>
  stop(): Promise<void>
}

/** Processor seconds of a process with all its threads. */
export function cpuSecondsOf(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

/** Starts a server on an empty directory. */
export async function startApiProcess(flags: readonly string[] = []): Promise<ApiProcess> {
  const directory = await mkdtemp(join(tmpdir(), 'kubeproc-bench-'))
  const path = (name: string) => join(directory, name)
  const authority = await createAuthority('bench')
  const serving = await authority.issue({ commonName: 'kube-apiserver', usages: ['server'], hosts: ['127.0.0.1'] })
  const token = randomBytes(16).toString('hex')
  await writeFile(path('crt'), serving.certificate)
  await writeFile(path('key'), serving.key, { mode: 0o600 })
  await writeFile(path('tokens'), `${token},bench,bench,"system:masters"\n`, { mode: 0o600 })
  const server = spawn(
    process.execPath,
    [
      MAIN,
      '--secure-port=0',
      `--data-dir=${path('data')}`,
      `--tls-cert-file=${path('crt')}`,
      `--tls-private-key-file=${path('key')}`,
      `--token-auth-file=${path('tokens')}`,
      '--log-level=error',
      '--lifeline',
      ...flags,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  const [line] = (await once(createInterface({ input: server.stdout! }), 'line')) as [string]
  const { hostname: host, port } = new URL(line.slice(line.indexOf('https://')))
  const target: Target = { host, port: Number(port), ca: authority.certificate, token }
  const load = fork(LOAD, { stdio: 'inherit' })
  return {
    async run(task) {
      const before = cpuSecondsOf(server.pid!)
      load.send({ target, task })
      const report = await reportOf(load)
      const after = cpuSecondsOf(server.pid!)
      return { ...report, serverCpuSeconds: before === undefined ? undefined : after! - before }
    },
    async stop() {
      await Promise.all([end(load), end(server)])
      await rm(directory, { recursive: true })
    },
  }
}

function reportOf(load: ChildProcess): Promise<Report> {
  const { promise, resolve, reject } = Promise.withResolvers<Report>()
  const onExit = () => reject(new Error('the load generator has ended'))
  load.once('exit', onExit)
  load.once('message', (report) => {
    load.off('exit', onExit)
    resolve(report as Report)
  })
  return promise
}
