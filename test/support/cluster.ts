/** A real cluster for tests and benchmarks: `kubeproc up` as a child process, on a free port and its own directory. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { ControlStatus } from '../../cluster/control.ts'
import { plain } from './plain.ts'

const execFileAsync = promisify(execFile)

/** The command's entry, as `npm start` runs it. */
export const KUBEPROC = fileURLToPath(new URL('../../cluster/kubeproc.js', import.meta.url))

export interface CommandResult {
  code: number
  stdout: string
  stderr: string
}

/**
 * Without kubectl's remark on a race of its own: it reads a WebSocket before it has made its streams, and then passes over
 * the empty message by which upstream's servers, like ours, open a stream.
 */
const withoutRace = (text: string) =>
  text.replaceAll(/^E\d{4} \S+ +\d+ websocket\.go:\d+\] Unknown stream id \d, discarding message\n/gm, '')

/** Runs a program to its end; never throws for its exit code. */
export async function run(
  file: string,
  args: readonly string[],
  options: { env?: Record<string, string>; timeoutMs?: number; cwd?: string } = {},
): Promise<CommandResult> {
  const { env = {}, timeoutMs = 60_000, cwd } = options
  try {
    const { stdout, stderr } = await execFileAsync(...plain(file, args), {
      env: { ...process.env, ...env },
      timeout: timeoutMs,
      maxBuffer: 64 * 1024 * 1024,
      ...(cwd !== undefined && { cwd }),
    })
    return { code: 0, stdout: withoutRace(stdout), stderr: withoutRace(stderr) }
  } catch (error) {
    const failed = error as Error & { code?: number | string; stdout?: string; stderr?: string }
    if (typeof failed.code !== 'number') throw error
    return { code: failed.code, stdout: withoutRace(failed.stdout ?? ''), stderr: withoutRace(failed.stderr ?? '') }
  }
}

/** Runs one `kubeproc` command to its end. */
export const kubeproc = (args: readonly string[], options: Parameters<typeof run>[2] = {}) =>
  run(process.execPath, [KUBEPROC, ...args], options)

/** Where `kubectl` is, or undefined where there is none. */
export async function findKubectl(): Promise<string | undefined> {
  const { code, stdout } = await run('/bin/sh', ['-c', 'command -v kubectl'])
  return code === 0 ? stdout.trim() : undefined
}

/**
 * Polls until `check` returns something else than undefined or false. Throws after `deadlineMs`, with the last state
 * as `describe` gives it.
 */
export async function eventually<Value>(
  check: () => Promise<Value | undefined | false>,
  {
    deadlineMs = 60_000,
    everyMs = 100,
    describe = async () => '',
  }: { deadlineMs?: number; everyMs?: number; describe?: () => Promise<string> } = {},
): Promise<Value> {
  const endsAt = performance.now() + deadlineMs
  for (;;) {
    const value = await check()
    if (value !== undefined && value !== false) return value
    if (performance.now() > endsAt) throw new Error(`condition not met within ${deadlineMs} ms ${await describe()}`)
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}

/** Memory of a process that is its own: its share of what it shares with others, in bytes (PSS). */
export function memoryOf(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)![1]) * 1024
}

export interface ClusterOptions {
  dataDir: string
  /** Default: 3. */
  nodes?: number
  flags?: readonly string[]
}

/** A running `kubeproc up`. */
export class TestCluster {
  readonly process: ChildProcess
  readonly dataDir: string
  readonly server: string
  readonly kubeconfig: string
  /** Everything that it printed so far. */
  readonly output: string[]
  readonly #kubectl: string | undefined

  private constructor(
    child: ChildProcess,
    found: { dataDir: string; server: string; kubeconfig: string; output: string[]; kubectl: string | undefined },
  ) {
    this.process = child
    this.dataDir = found.dataDir
    this.server = found.server
    this.kubeconfig = found.kubeconfig
    this.output = found.output
    this.#kubectl = found.kubectl
  }

  /** Starts a cluster; resolves with the line that says that it is ready. Throws with what was printed where it fails. */
  static async start({ dataDir, nodes = 3, flags = [] }: ClusterOptions): Promise<TestCluster> {
    const args = [KUBEPROC, 'up', `--data-dir=${dataDir}`, `--nodes=${nodes}`, '--port=0', ...flags]
    const child = spawn(...plain(process.execPath, args), { stdio: ['ignore', 'pipe', 'pipe'] })
    const output: string[] = []
    const ready = Promise.withResolvers<RegExpExecArray>()
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        output.push(line)
        const match = /^kubeproc is ready: (\S+) \(KUBECONFIG=(.+)\)$/.exec(line)
        if (match !== null) ready.resolve(match)
      })
    }
    const exited = once(child, 'exit').then(() => undefined)
    const match = await Promise.race([ready.promise, exited])
    if (match === undefined) throw new Error(`kubeproc up ended:\n${output.join('\n')}`)
    const [, server, kubeconfig] = match
    return new TestCluster(child, {
      dataDir,
      server: server!,
      kubeconfig: kubeconfig!,
      output,
      kubectl: await findKubectl(),
    })
  }

  /** Runs kubectl against this cluster. */
  kubectl(...args: string[]): Promise<CommandResult> {
    if (this.#kubectl === undefined) throw new Error('kubectl is not installed')
    return run(this.#kubectl, args, { env: { KUBECONFIG: this.kubeconfig } })
  }

  /** Runs a `kubeproc` command on this cluster. */
  kubeproc(...args: string[]): Promise<CommandResult> {
    return kubeproc([...args, `--data-dir=${this.dataDir}`])
  }

  async status(): Promise<ControlStatus> {
    const { stdout } = await this.kubeproc('status', '--output=json')
    return JSON.parse(stdout) as ControlStatus
  }

  /** The process of a component, e.g. `node-1`. Throws where it has none. */
  async pidOf(component: string): Promise<number> {
    const { components } = await this.status()
    const pid = components.find(({ name }) => name === component)?.pid
    if (pid === undefined) throw new Error(`${component} has no process`)
    return pid
  }

  /** Stops the cluster as Ctrl-C does and waits until it has ended. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return
    const exited = once(this.process, 'exit')
    this.process.kill(signal)
    await exited
  }
}

/** What `read` finds in /proc; empty where the process has ended meanwhile or is another user's. */
function fromProc(read: () => string): string {
  try {
    return read()
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return ''
    throw error
  }
}

const commandLine = (pid: string) =>
  fromProc(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim())
const workingDirectory = (pid: string) => fromProc(() => readlinkSync(`/proc/${pid}/cwd`))

/**
 * Living processes whose command line names this data directory or that work in it: the components and the containers
 * of its cluster. Each as its PID and command line.
 */
export function processesOf(dataDir: string): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  return pids
    .filter((pid) => `${commandLine(pid)} ${workingDirectory(pid)}/`.includes(`${dataDir}/`))
    .map((pid) => `${pid} ${commandLine(pid)}`)
}
