import { chmodSync, mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readProcess } from '../../../../shared/processes.ts'
import { signal } from '../kill.ts'
import type { SandboxParams } from '../protocol.ts'
import { podCommands, portCommands } from './node-network.ts'
import type { NodeSpace } from './node-space.ts'
import { quote, words } from './shell.ts'

/** The longest time that a process can be told to sleep in portable seconds: 68 years. */
const FOR_EVER = '2147483647'

/** Directory in the node's memory with one for each pod. */
const SHARED_MEMORY = 'shm'

export interface Sandbox {
  /** The process that holds the pod's namespaces. */
  pid: number
  startTicks: number
  /** The pod's `/dev/shm`, by its path in the node's namespaces. */
  sharedMemory: string
}

/** Which namespaces of its own the holding process gets. */
const flagsOf = ({ ip, hostIpc = false }: SandboxParams): string[] => [
  // Who is on the node's network has the node's name as well.
  ...(ip === undefined ? [] : ['--net', '--uts']),
  ...(hostIpc ? [] : ['--ipc']),
]

/** What the holding process does: makes itself at home, answers with the host's number for it, and stays. */
function holderScript(params: SandboxParams, space: NodeSpace, port: string): string {
  const { hostname, node, ip, shareProcessNamespace = false } = params
  const { sleep, sh, unshare } = space.tools
  // As process number 1 it takes in, and forgets, the processes whose parents have ended.
  const reaper = `echo "$1 $2"; ${sleep} ${FOR_EVER} & while :; do wait; done`
  const stay = shareProcessNamespace
    ? `exec ${unshare} --pid --fork --kill-child=KILL ${sh} -c ${quote(reaper)} pause "$1" "$pid"`
    : `echo "$1 $pid"; exec ${sleep} ${FOR_EVER}`
  if (ip === undefined) return `read -r pid rest </proc/self/stat\n${stay}`
  const commands = podCommands(node.network, ip, port)
  return [
    'read -r pid rest </proc/self/stat',
    `if echo ${quote(hostname)} >/proc/sys/kernel/hostname && ${space.ip(commands)}`,
    `then ${stay}; else echo "$1 refused"; fi`,
  ].join('\n')
}

/** The pods' own namespaces. */
export class Sandboxes {
  readonly #space: NodeSpace
  /** By the pod's UID. */
  readonly #sandboxes = new Map<string, Promise<Sandbox>>()
  #lastPort = 0
  #unjoined: string[] = []
  #joining: Promise<void> | undefined

  constructor(space: NodeSpace) {
    this.#space = space
    mkdirSync(space.outside(join(space.memory, SHARED_MEMORY)), { mode: 0o755 })
  }

  /** Makes a pod's sandbox, or returns the one that it has. */
  open(params: SandboxParams): Promise<Sandbox> {
    const { podUid } = params
    const known = this.#sandboxes.get(podUid)
    if (known !== undefined) return known
    const opening = this.#open(params)
    this.#sandboxes.set(podUid, opening)
    opening.catch(() => this.#sandboxes.delete(podUid))
    return opening
  }

  /** Ends what holds a pod's sandbox, and with it the pod's network. No sandbox is no error. */
  async close(podUid: string): Promise<void> {
    const opened = this.#sandboxes.get(podUid)
    this.#sandboxes.delete(podUid)
    const sandbox = await opened?.catch(() => undefined)
    if (sandbox === undefined) return
    const { pid, startTicks } = sandbox
    if (readProcess(pid)?.startTicks === startTicks) signal(pid, 'SIGKILL')
    await rm(this.#space.outside(sandbox.sharedMemory), { recursive: true, force: true })
  }

  async #open(params: SandboxParams): Promise<Sandbox> {
    const { unshare, sh } = this.#space.tools
    const port = `p${++this.#lastPort}`
    const script = holderScript(params, this.#space, port)
    const command = words([unshare, ...flagsOf(params), sh, '-c', script, 'pause'])
    const [pid] = await this.#space.ask(`${command} "$reply" &`)
    if (params.ip !== undefined) await this.#join(port)
    const sharedMemory = join(this.#space.memory, SHARED_MEMORY, params.podUid)
    const outside = this.#space.outside(sharedMemory)
    mkdirSync(outside)
    chmodSync(outside, 0o1777)
    const startTicks = readProcess(Number(pid))?.startTicks
    if (startTicks === undefined) throw new Error('what holds the namespaces of the pod has ended')
    return { pid: Number(pid), startTicks, sharedMemory }
  }

  /** Joins a pod's link to the bridge, together with those of the pods that are being made at the same time. */
  async #join(port: string): Promise<void> {
    this.#unjoined.push(port)
    // Whether the ones before could join is told to those who wait for them.
    await this.#joining?.catch(() => undefined)
    if (!this.#unjoined.includes(port)) return this.#joining
    const ports = this.#unjoined
    this.#unjoined = []
    this.#joining = this.#space.do(this.#space.ip(ports.flatMap(portCommands)))
    return this.#joining
  }
}
