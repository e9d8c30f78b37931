/**
 * What kubelet and supervisor say to each other: JSON values, one a line. The kubelet sends requests, the supervisor
 * answers each by its `id` in any order, and tells every kubelet of events in between.
 */
import type {
  ContainerSpec,
  ContainerState,
  ExecResult,
  Mount,
  ResourceLimits,
  Security,
  TerminalSize,
} from '../runtime.ts'
import type { NodeNetwork } from './namespaces/node-network.ts'
import type { ProgramSpec } from './program.ts'

/** Raised when an older side would misunderstand a newer one. */
export const PROTOCOL_VERSION = 1

/** Longest line that is accepted: a container's environment may hold some ConfigMaps. A longer one ends the connection. */
export const LINE_BYTES_MAX = 16 * 1024 * 1024

/** What all pods of a node have in common. */
export interface NodeIsolation {
  network: NodeNetwork
  /** Paths of the host that no container sees. */
  hidden: readonly string[]
}

/** A pod's namespaces. */
export interface SandboxParams {
  podUid: string
  hostname: string
  node: NodeIsolation
  /** Absent for a pod on the node's own network. */
  ip?: string
  hostPid?: boolean
  hostIpc?: boolean
  shareProcessNamespace?: boolean
}

/** What makes a container's program more than a process of the host. */
export interface IsolatedStart {
  /** Made anew where it is gone. */
  sandbox: SandboxParams
  imageDirectory?: string
  mounts: readonly Mount[]
  /** Files of the container by path, with their texts. */
  files: Readonly<Record<string, string>>
  security: Security
  limits: ResourceLimits
}

/** A container as its supervisor starts it: what the runtime has made of its spec. */
export type StartSpec = Omit<ContainerSpec, 'mounts' | 'imageDirectory' | 'security' | 'limits'> & {
  /** Absent in the `process` runtime. */
  isolated?: IsolatedStart
}

/** What another program needs to become part of a running container. */
export type Surroundings = Pick<ProgramSpec, 'env' | 'workingDirectory'> & {
  /** How to get in; absent where a container is no place of its own. */
  enter?: Entrance
}

/** A command that runs another one inside of a container. */
export interface Entrance {
  /** Program and arguments before those of the other command. */
  argv: readonly string[]
  /** The same for a program in a terminal of its own. */
  terminalArgv: readonly string[]
  /** The container's root directory, as the host sees it. */
  root: string
}

/**
 * What is done to containers from outside, to see how the cluster copes: every process is killed, is killed as by the
 * kernel when memory runs out, stops where it stands, or goes on.
 */
export type Disturbance = 'kill' | 'oom' | 'hang' | 'thaw'

interface Methods {
  /** Makes what all pods of the node need, so that the first does not wait for it. */
  openNode(node: NodeIsolation): null
  /** Answers with the process that holds the pod's namespaces. */
  openSandbox(params: SandboxParams): { pid: number }
  /** No sandbox is no error. */
  closeSandbox(params: { podUid: string }): null
  start(spec: StartSpec): ContainerState
  stop(params: { id: string; graceMs: number; signal: NodeJS.Signals }): null
  remove(params: { id: string }): null
  list(params: null): ContainerState[]
  exec(params: { id: string; argv: readonly string[]; timeoutMs: number }): ExecResult
  /** What another program needs to become part of a running container: its environment and working directory. */
  surroundings(params: { id: string }): Surroundings
  /** For a container's input: bytes in base64, or null for its end. Answered when the program has room for more. */
  input(params: { id: string; data: string | null }): null
  /** Where the output of a container's terminal is now; null where it has no terminal. */
  terminal(params: { id: string }): { position: number } | null
  /** What the terminal's program wrote from a position on, in base64: answered when there is anything, or it is over. */
  terminalOutput(params: { id: string; from: number }): { data: string; next: number; isOver: boolean }
  resize(params: { id: string; size: TerminalSize }): null
  /** Disturbs a container, or all of them. */
  disturb(params: { id: string | 'all'; how: Disturbance }): null
  shutdown(params: null): null
}
export type Method = keyof Methods
export type Params<Name extends Method> = Parameters<Methods[Name]>[0]
export type Result<Name extends Method> = ReturnType<Methods[Name]>

export type Request = { [Name in Method]: { id: number; method: Name; params: Params<Name> } }[Method]

export type Reply =
  | { id: number; result: Result<Method> }
  /** `exitCode` marks a StartError. */
  | { id: number; error: { message: string; exitCode?: number } }

export type Event =
  /** First line of every connection. */
  | { event: 'hello'; protocol: number; pid: number }
  /** A container of this pod has started, exited, or has a new notice. */
  | { event: 'changed'; podUid: string }

export const encode = (message: Request | Reply | Event): string => `${JSON.stringify(message)}\n`

/** Cuts a byte stream into lines. `onLine` gets each decoded message; throws for a line that is too long or no JSON. */
export function lineDecoder<Message>(onMessage: (message: Message) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = []
  let pendingBytes = 0
  return (chunk) => {
    let from = 0
    for (let newline = chunk.indexOf(0x0a); newline !== -1; newline = chunk.indexOf(0x0a, from)) {
      const line = Buffer.concat([...parts, chunk.subarray(from, newline)]).toString()
      parts = []
      pendingBytes = 0
      from = newline + 1
      onMessage(JSON.parse(line) as Message)
    }
    const rest = chunk.subarray(from)
    pendingBytes += rest.length
    if (pendingBytes > LINE_BYTES_MAX) throw new Error(`a message exceeds ${LINE_BYTES_MAX} bytes`)
    if (rest.length > 0) parts.push(rest)
  }
}
