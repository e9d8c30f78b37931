/** A control plane of real processes and hollow nodes, on an empty directory, for benchmarks of controllers. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createAuthority } from '../shared/certificates/authority.ts'
import type { Client } from '../shared/client/client.ts'
import { createClient } from '../shared/client/http-client.ts'

const SOURCES = fileURLToPath(new URL('..', import.meta.url))

/** The controllers' components, by the folder of their `main.ts`. */
type Component = 'controller-manager' | 'scheduler' | 'kubelet'

export interface ControlPlane {
  client: Client
  /** The processes by their components. */
  pids(): Readonly<Record<string, number>>
  /** Starts the hollow nodes; resolves when all are Ready. */
  startHollowNodes(count: number): Promise<void>
  /** Kills the controller manager without a word, and resolves when its successor is ready. */
  restartControllers(): Promise<void>
  stop(): Promise<void>
}

export interface ControlPlaneOptions {
  /** Hollow nodes that are started with it; 0: none yet. */
  nodes: number
  maxPods: number
  /** How long pods run that may end. */
  podRunMs: number
}

interface Process {
  child: ChildProcess
  /** The line that says that it is ready. */
  line: string
}

async function start(component: Component | 'apiserver', flags: readonly string[]): Promise<Process> {
  const args = [`${SOURCES}${component}/main.ts`, ...flags, '--log-level=warn', '--lifeline']
  const env = { ...process.env, NODE_COMPILE_CACHE: `${SOURCES}node_modules/.cache/kubeproc` }
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'], env })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${component} ended with ${code}`)
  })
  const ready = once(createInterface({ input: child.stdout! }), 'line')
  const [line] = (await Promise.race([ready, ended])) as [string]
  ended.catch(() => undefined)
  return { child, line }
}

async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}

const kubeconfig = (server: string, authority: string, token: string) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'bench', cluster: { server, 'certificate-authority-data': Buffer.from(authority).toString('base64') } },
    ],
    users: [{ name: 'bench', user: { token } }],
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
    'current-context': 'bench',
  })

/** Starts an API server, a controller manager, a scheduler and hollow nodes; resolves when all nodes are Ready. */
export async function startControlPlane({ nodes, maxPods, podRunMs }: ControlPlaneOptions): Promise<ControlPlane> {
  const directory = await mkdtemp(join(tmpdir(), 'kubeproc-bench-'))
  const path = (name: string) => join(directory, name)
  const authority = await createAuthority('bench')
  const serving = await authority.issue({ commonName: 'kube-apiserver', usages: ['server'], hosts: ['127.0.0.1'] })
  const token = randomBytes(16).toString('hex')
  await writeFile(path('crt'), serving.certificate)
  await writeFile(path('key'), serving.key, { mode: 0o600 })
  await writeFile(path('tokens'), `${token},bench,bench,"system:masters"\n`, { mode: 0o600 })
  const server = await start('apiserver', [
    '--secure-port=0',
    `--data-dir=${path('data')}`,
    `--tls-cert-file=${path('crt')}`,
    `--tls-private-key-file=${path('key')}`,
    `--token-auth-file=${path('tokens')}`,
  ])
  const url = server.line.slice(server.line.indexOf('https://'))
  await writeFile(path('kubeconfig'), kubeconfig(url, authority.certificate, token), { mode: 0o600 })
  const flags = [`--kubeconfig=${path('kubeconfig')}`]
  // Each is the only one: a successor need not wait for its predecessor's lease.
  const alone = [...flags, '--leader-elect=false']
  const startControllers = async () => (await start('controller-manager', alone)).child
  let kubelet: ChildProcess | undefined
  async function startHollowNodes(count: number): Promise<void> {
    const ofPods = [`--max-pods=${maxPods}`, `--hollow-run-time=${podRunMs}ms`]
    const started = await start('kubelet', [
      ...flags,
      '--hollow',
      '--hostname-override=hollow',
      `--count=${count}`,
      ...ofPods,
    ])
    kubelet = started.child
  }
  const [controllers, scheduler] = await Promise.all([
    startControllers(),
    start('scheduler', alone),
    nodes > 0 ? startHollowNodes(nodes) : undefined,
  ])
  let current = controllers
  const client = createClient({ kubeconfig: path('kubeconfig'), userAgent: 'kubeproc-bench' })
  return {
    client,
    startHollowNodes,
    pids: () => ({
      apiserver: server.child.pid!,
      'controller-manager': current.pid!,
      scheduler: scheduler.child.pid!,
      ...(kubelet !== undefined && { kubelet: kubelet.pid! }),
    }),
    async restartControllers() {
      await end(current, 'SIGKILL')
      current = await startControllers()
    },
    async stop() {
      await client.close()
      await Promise.all([end(current), end(scheduler.child), kubelet && end(kubelet)])
      await end(server.child)
      await rm(directory, { recursive: true })
    },
  }
}
