import type { Clock } from '../../../shared/clock.ts'
import { bootId, readProcess, uptimeTicks } from '../../../shared/processes.ts'
import type { ContainerState, ExecResult, TerminalSize } from '../runtime.ts'
import { type LogFile, openLog } from './cri-log.ts'
import { runExec } from './exec.ts'
import { exitCodeOf, signalNumberOf } from './exit-code.ts'
import { hangTrees, thawTrees } from './hang.ts'
import { killTrees, signal } from './kill.ts'
import type { Launch, Launched } from './launch.ts'
import { noticeFinder } from './notice.ts'
import { drain } from './output.ts'
import { createOutputTail, type OutputTail } from './output-tail.ts'
import type { Tree } from './process-tree.ts'
import type { Disturbance, StartSpec, Surroundings } from './protocol.ts'
import { CONTAINER_MARKER, type ContainerRecord } from './records.ts'
import { type Spawn, type SpawnedProcess, treeOf } from './spawn.ts'
import { inside } from './surroundings.ts'
import type { Trouble } from './trouble.ts'

export interface RunningDeps {
  spawn: Spawn
  launch: Launch
  clock: Clock
  trouble: Trouble
  /** The record has changed: it is to be saved and told. */
  onChange(record: ContainerRecord): void
}

function newRecord({ podUid, name, attempt, logPath, annotations }: StartSpec, id: string, nowMs: number) {
  const what = { id, podUid, name, attempt, logPath, annotations }
  const state: ContainerState = { ...what, state: 'running', pid: 0, startedAtMs: nowMs }
  return { state, bootId: bootId() }
}

/** One container from its start to the end of its last process. */
export class RunningContainer {
  /** Resolves once the main process has ended, nothing of its tree is left, its log is complete and `onChange` has been told. */
  readonly ended: Promise<void>
  /** Of a program in a terminal. */
  readonly terminal: OutputTail | undefined
  #record: ContainerRecord
  readonly #deps: RunningDeps
  readonly #stdin: StartSpec['stdin']
  readonly #launched: Launched
  readonly #process: SpawnedProcess
  readonly #execs = new Set<Tree>()
  #endedTicks: number | undefined
  #isOutOfMemory = false
  #killAtMs = Number.POSITIVE_INFINITY
  #cancelKill: (() => void) | undefined

  private constructor(
    record: ContainerRecord,
    { stdin, tty = false }: StartSpec,
    launched: Launched,
    log: LogFile,
    deps: RunningDeps,
  ) {
    this.#record = record
    this.#stdin = stdin
    this.#launched = launched
    this.#process = launched.process
    this.#deps = deps
    // Its program has ended, or has closed its input: what is written then has nowhere to go.
    launched.process.stdin?.on('error', () => undefined)
    this.terminal = tty ? createOutputTail() : undefined
    this.ended = this.#follow(log)
  }

  /**
   * Starts the program. Throws a StartError. `onChange` is called before, with PID 0, so that even a supervisor that
   * dies in this very moment leaves a record by which the processes can be found, and after.
   */
  static async start(id: string, spec: StartSpec, deps: RunningDeps): Promise<RunningContainer> {
    const record = newRecord(spec, id, deps.clock.nowMs())
    const { logPath, logLimits } = spec
    const log = openLog(logPath, {
      clock: deps.clock,
      ...(logLimits !== undefined && { limits: logLimits }),
      onError: (error) => deps.trouble('cannot write a container log', { logPath, error }),
    })
    try {
      deps.onChange(record)
      const env = { ...spec.env, [CONTAINER_MARKER]: id }
      const launched = await deps.launch(id, { ...spec, env })
      const { pid, startTicks } = launched.process.main ?? launched.process
      const started = {
        ...record,
        ...(startTicks !== undefined && { startTicks }),
        state: { ...record.state, pid },
      }
      const container = new RunningContainer(started, spec, launched, log, deps)
      deps.onChange(started)
      return container
    } catch (error) {
      log.close()
      throw error
    }
  }

  get state(): ContainerState {
    return this.#record.state
  }

  /** Everything that has to go when the container goes. */
  get trees(): Tree[] {
    return [treeOf(`${CONTAINER_MARKER}=${this.state.id}`, this.#process, this.#endedTicks), ...this.#execs]
  }

  /** The container's marker is in the environment. */
  get surroundings(): Surroundings {
    return this.#launched.surroundings
  }

  /** Asks the program to end, and kills the whole tree after `graceMs` unless an earlier stop does so before. */
  async stop({ graceMs, signal: name }: { graceMs: number; signal: NodeJS.Signals }): Promise<void> {
    const { clock } = this.#deps
    const killAtMs = clock.nowMs() + graceMs
    if (graceMs > 0) this.#signalGroup(name)
    if (killAtMs < this.#killAtMs) {
      this.#cancelKill?.()
      this.#killAtMs = killAtMs
      if (graceMs > 0) this.#cancelKill = clock.after(graceMs, () => void this.kill())
      else void this.kill()
    }
    await this.ended
  }

  /** SIGKILL to everything. Resolves when nothing of the tree is left; `ended` follows at once. */
  async kill(): Promise<void> {
    // The group first: the kernel does it in one step, so that no process can fork out of it meanwhile.
    this.#signalGroup('SIGKILL')
    const { state, trees } = this
    const left = await killTrees(trees, this.#deps.clock)
    if (left.length > 0) this.#deps.trouble('processes survive SIGKILL', { container: state.id, pids: left })
  }

  /** Does to every process of the container what happens in bad times. */
  async disturb(how: Disturbance): Promise<void> {
    switch (how) {
      case 'hang':
        return hangTrees(this.trees, this.#deps.clock)
      case 'thaw':
        return thawTrees(this.trees)
      case 'oom':
        this.#isOutOfMemory = true
        return this.kill()
      case 'kill':
        return this.kill()
    }
  }

  /** Runs a program in the container's environment. Throws a StartError. */
  async exec(argv: readonly string[], timeoutMs: number): Promise<ExecResult> {
    let tree: Tree | undefined
    const onStart = (started: Tree) => {
      tree = started
      this.#execs.add(started)
    }
    try {
      const { spawn, clock } = this.#deps
      return await runExec(spawn, inside(this.surroundings, argv), { timeoutMs, clock, onStart })
    } finally {
      if (tree !== undefined) this.#execs.delete(tree)
    }
  }

  /** Passes bytes in base64, or null for the end, to the program's input. Resolves when there is room for more. */
  async input(data: string | null): Promise<void> {
    const { stdin } = this.#process
    if (!stdin?.writable) return
    if (data === null) {
      if (this.#stdin === 'once') stdin.end()
      return
    }
    if (stdin.write(Buffer.from(data, 'base64'))) return
    await new Promise<void>((resolve) => {
      for (const event of ['drain', 'close']) stdin.once(event, () => resolve())
    })
  }

  /** Tells the terminal's programs of its new size. Nothing without a terminal. */
  resize(size: TerminalSize): void {
    this.#process.resize?.(size)
  }

  /**
   * A signal to the main process and its group, as long as the group's number cannot be anybody else's. In namespaces of
   * its own the main process alone is signalled, as upstream's runtimes do: its group is that of those who wait for it.
   */
  #signalGroup(name: NodeJS.Signals): void {
    const { pid, main } = this.#process
    if (this.#endedTicks !== undefined) return
    if (main === undefined) signal(-pid, name)
    else if (readProcess(main.pid)?.startTicks === main.startTicks) signal(main.pid, name)
  }

  #update(change: Partial<ContainerState>): void {
    this.#record = { ...this.#record, state: { ...this.#record.state, ...change } }
    this.#deps.onChange(this.#record)
  }

  async #follow(log: LogFile): Promise<void> {
    const { clock } = this.#deps
    const { stdout, stderr } = this.#process
    const notices = noticeFinder()
    const onErrorLine = (line: Buffer) => {
      const notice = notices.see(line)
      if (notice !== undefined && notice !== this.state.notice) this.#update({ notice })
    }
    const sinks = [log.stream('stdout'), log.stream('stderr', onErrorLine)] as const
    stdout.on('data', sinks[0].write)
    const { terminal } = this
    if (terminal !== undefined) stdout.on('data', terminal.push)
    stderr.on('data', sinks[1].write)
    const end = this.#process.ended.then(async (how) => {
      const finishedAtMs = clock.nowMs()
      // Without /proc the group is all that can be found, and this is the last moment at which its number is surely ours.
      if (this.#process.startTicks === undefined) this.#signalGroup('SIGKILL')
      this.#endedTicks = uptimeTicks()
      this.#cancelKill?.()
      await this.kill()
      return { how, finishedAtMs }
    })
    await drain([stdout, stderr], end, clock)
    terminal?.end()
    for (const sink of sinks) sink.end()
    log.close()
    const { how, finishedAtMs } = await end
    const more = await this.#clean()
    const exitCode = exitCodeOf(how)
    // Of a program in namespaces only the code is known: what is signalled may be what waits for it.
    const signal = this.#process.main === undefined ? signalNumberOf(how) : undefined
    const notice = this.state.notice ?? notices.explain(exitCode)
    this.#update({
      state: 'exited',
      exitCode,
      finishedAtMs,
      ...more,
      ...(signal !== undefined && { signal }),
      ...(this.#isOutOfMemory && { oomKilled: true }),
      ...(notice !== undefined && { notice }),
    })
  }

  async #clean(): Promise<{ oomKilled?: true }> {
    try {
      return (await this.#launched.clean?.()) ?? {}
    } catch (error) {
      this.#deps.trouble('cannot clean up after a container', { container: this.state.id, error })
      return {}
    }
  }
}
