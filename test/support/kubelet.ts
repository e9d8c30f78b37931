/** The real kubelet as a process of its own, with real containers, on a test's API server. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { KUBELET_PROCESS } from '../../cluster/components.ts'
import { startProcessRuntime } from '../../kubelet/runtime/process-runtime.ts'
import { systemClock } from '../../shared/clock.ts'
import { createLogger } from '../../shared/log.ts'
import { plain } from './plain.ts'

const MAIN = fileURLToPath(new URL('../../kubelet/main.ts', import.meta.url))

export interface TestKubelet {
  readonly name: string
  readonly rootDirectory: string
  readonly pid: number
  /** What it has logged so far. */
  log(): string
  /** Ends it as a power cut would: containers run on. */
  kill(): Promise<void>
  /** Starts it again after `kill` or `stop`. */
  start(): Promise<void>
  /** SIGTERM, and waits: the node goes down with all its containers. Returns the exit code. */
  stop(): Promise<number | null>
}

/**
 * Starts a kubelet for the node `name` and waits until it says that it is ready. All its files are below `directory`.
 * The test has to `stop` it: whatever state it is in, that ends its containers as well.
 */
export async function startTestKubelet(
  directory: string,
  { kubeconfig, name = 'node-1', flags = [] }: { kubeconfig: string; name?: string; flags?: readonly string[] },
): Promise<TestKubelet> {
  const rootDirectory = join(directory, name)
  mkdirSync(rootDirectory, { recursive: true })
  // Tests that run side by side must not share addresses.
  const network = `127.${randomInt(10, 250)}.${randomInt(1, 250)}`
  const all = [
    `--kubeconfig=${kubeconfig}`,
    `--hostname-override=${name}`,
    `--root-dir=${rootDirectory}`,
    `--node-ip=${network}.1`,
    `--pod-cidr=${network}.0/24`,
    '--port=0',
    '--stop-grace-period=500ms',
    ...flags,
  ]
  const errors: Buffer[] = []
  let child: ChildProcess

  async function start(): Promise<void> {
    const { nodeFlags, env } = KUBELET_PROCESS
    child = spawn(...plain(process.execPath, [...nodeFlags, MAIN, ...all]), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    })
    child.stderr!.on('data', (chunk: Buffer) => errors.push(chunk))
    const exited = once(child, 'exit').then(() => {
      throw new Error(`the kubelet ended before it was ready: ${Buffer.concat(errors)}`)
    })
    await Promise.race([once(createInterface({ input: child.stdout! }), 'line'), exited])
    exited.catch(() => undefined)
  }

  const isRunning = () => child.exitCode === null && child.signalCode === null

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (!isRunning()) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }

  await start()
  return {
    name,
    rootDirectory,
    get pid() {
      return child.pid!
    },
    log: () => Buffer.concat(errors).toString(),
    kill: () => end('SIGKILL'),
    start,
    async stop() {
      const wasRunning = isRunning()
      await end('SIGTERM')
      // A kubelet that was killed has left its containers and their supervisor.
      if (!wasRunning) await shutDownRuntime(rootDirectory, network)
      return child.exitCode
    },
  }
}

async function shutDownRuntime(rootDirectory: string, network: string): Promise<void> {
  const runtime = await startProcessRuntime({
    rootDirectory,
    nodeIp: `${network}.1`,
    podCidr: `${network}.0/24`,
    logger: createLogger('test', 'error'),
    clock: systemClock,
  })
  await runtime.shutdown()
}
