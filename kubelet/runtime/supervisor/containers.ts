import { randomBytes } from 'node:crypto'
import type { Clock } from '../../../shared/clock.ts'
import { bootId } from '../../../shared/processes.ts'
import type { ContainerState, ExecResult, TerminalSize } from '../runtime.ts'
import { RunningContainer } from './container.ts'
import { KILLED_EXIT_CODE } from './exit-code.ts'
import { killTrees } from './kill.ts'
import type { Launch } from './launch.ts'
import type { OutputTail } from './output-tail.ts'
import type { Disturbance, StartSpec, Surroundings } from './protocol.ts'
import { CONTAINER_MARKER, type ContainerRecord, type RecordStore } from './records.ts'
import { loadSpawn, treeOf } from './spawn.ts'
import type { Trouble } from './trouble.ts'

export interface ContainersDeps {
  records: RecordStore
  launch: Launch
  clock: Clock
  trouble: Trouble
  /** A container of this pod has started, exited, or has a new notice. */
  onChange(podUid: string): void
}

/** All containers of a node, running and exited. */
export class Containers {
  readonly #deps: ContainersDeps
  /** Everything known, by ID, in the order of starting. */
  readonly #records = new Map<string, ContainerRecord>()
  readonly #running = new Map<string, RunningContainer>()
  /** What was last written in the terminals of those that have one, also after their end. */
  readonly #terminals = new Map<string, OutputTail>()
  /** Starts under way, by pod, name and attempt: the same start asked for twice is one. */
  readonly #starting = new Map<string, Promise<ContainerState>>()
  #isClosing = false

  constructor(deps: ContainersDeps) {
    this.#deps = deps
  }

  get runningCount(): number {
    return this.#running.size
  }

  /** Reads what an earlier supervisor has left: what still runs is killed, since nobody could read its output or exit code. */
  async recover(): Promise<void> {
    const { records, clock, trouble } = this.#deps
    const known = records.load()
    const orphans = known.filter(({ state }) => state.state === 'running')
    const boot = bootId()
    const trees = orphans.map(({ state: { id, pid }, startTicks, bootId }) =>
      // PIDs and start times of an earlier run of the machine mean nothing; the marker always does.
      treeOf(`${CONTAINER_MARKER}=${id}`, bootId === boot && startTicks !== undefined ? { pid, startTicks } : { pid }),
    )
    const left = trees.length === 0 ? [] : await killTrees(trees, clock)
    if (left.length > 0) trouble('processes of a dead supervisor survive SIGKILL', { pids: left })

    const lost = { state: 'exited', exitCode: KILLED_EXIT_CODE, finishedAtMs: clock.nowMs(), lost: true } as const
    for (const record of known) {
      const { id, pid } = record.state
      if (pid === 0)
        records.remove(id) // Its start was never told to anybody.
      else if (record.state.state === 'running') this.#save({ ...record, state: { ...record.state, ...lost } })
      else this.#records.set(id, record)
    }
  }

  /** Starts a container, or returns the one that was started for the same pod, name and attempt. Throws a StartError. */
  async start(spec: StartSpec): Promise<ContainerState> {
    const known = this.#find(spec)
    if (known !== undefined) return known.state
    const key = JSON.stringify([spec.podUid, spec.name, spec.attempt])
    const starting = this.#starting.get(key) ?? this.#start(spec).finally(() => this.#starting.delete(key))
    this.#starting.set(key, starting)
    return starting
  }

  async stop(id: string, options: { graceMs: number; signal: NodeJS.Signals }): Promise<void> {
    await this.#running.get(id)?.stop(options)
  }

  remove(id: string): void {
    if (this.#running.has(id)) throw new Error(`container ${id} is running`)
    this.#records.delete(id)
    this.#terminals.delete(id)
    this.#deps.records.remove(id)
  }

  list(): ContainerState[] {
    return [...this.#records.values()].filter(({ state }) => state.pid !== 0).map(({ state }) => state)
  }

  async exec(id: string, argv: readonly string[], timeoutMs: number): Promise<ExecResult> {
    return this.#runningOne(id).exec(argv, timeoutMs)
  }

  /** Throws where the container does not run. */
  surroundingsOf(id: string): Surroundings {
    return this.#runningOne(id).surroundings
  }

  /** Throws where the container does not run. */
  terminal(id: string): { position: number } | null {
    const { terminal } = this.#runningOne(id)
    return terminal === undefined ? null : { position: terminal.position }
  }

  async terminalOutput(id: string, from: number): Promise<{ data: string; next: number; isOver: boolean }> {
    const terminal = this.#terminals.get(id)
    if (terminal === undefined) return { data: '', next: from, isOver: true }
    const { data, next, isOver } = await terminal.read(from)
    return { data: data.toString('base64'), next, isOver }
  }

  resize(id: string, size: TerminalSize): void {
    this.#running.get(id)?.resize(size)
  }

  async input(id: string, data: string | null): Promise<void> {
    await this.#runningOne(id).input(data)
  }

  /** Does something to a running container, or to all, those included that are just being started. */
  async disturb(id: string, how: Disturbance): Promise<void> {
    if (id !== 'all') return this.#runningOne(id).disturb(how)
    await Promise.allSettled(this.#starting.values())
    await Promise.all([...this.#running.values()].map((container) => container.disturb(how)))
  }

  /** Asks all containers to end, kills what is left after `graceMs`, and starts no more. */
  async stopAll(graceMs: number): Promise<void> {
    this.#isClosing = true
    await Promise.all([...this.#running.values()].map((container) => container.stop({ graceMs, signal: 'SIGTERM' })))
  }

  async #start(spec: StartSpec): Promise<ContainerState> {
    const spawn = await loadSpawn()
    if (this.#isClosing) throw new Error('the supervisor is shutting down')
    const { clock, trouble, records, launch } = this.#deps
    const id = randomBytes(32).toString('hex')
    try {
      const onChange = (record: ContainerRecord) => this.#save(record)
      const container = await RunningContainer.start(id, spec, { spawn, launch, clock, trouble, onChange })
      this.#running.set(id, container)
      if (container.terminal !== undefined) this.#terminals.set(id, container.terminal)
      void container.ended.then(() => this.#running.delete(id))
      return container.state
    } catch (error) {
      this.#records.delete(id)
      records.remove(id)
      throw error
    }
  }

  #runningOne(id: string): RunningContainer {
    const container = this.#running.get(id)
    if (container === undefined) throw new Error(`container ${id} is not running`)
    return container
  }

  #find({ podUid, name, attempt }: StartSpec): ContainerRecord | undefined {
    for (const record of this.#records.values()) {
      const { state } = record
      const isSame = state.podUid === podUid && state.name === name && state.attempt === attempt
      if (isSame && state.pid !== 0) return record
    }
    return undefined
  }

  #save(record: ContainerRecord): void {
    const { records, trouble, onChange } = this.#deps
    const { id, pid, podUid } = record.state
    this.#records.set(id, record)
    try {
      records.save(record)
    } catch (error) {
      // A container that could not be found again is not started. But a full disk must not end the containers that
      // run: this supervisor still knows all about them.
      if (pid === 0) throw error
      trouble('cannot save a record', { container: id, error })
    }
    if (pid !== 0) onChange(podUid)
  }
}
