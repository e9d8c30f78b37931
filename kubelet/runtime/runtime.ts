import type { Duplex, Readable, Writable } from 'node:stream'
import type { LogLimits } from './supervisor/log-files.ts'

/**
 * What the kubelet asks of a runtime: Kubernetes' CRI in small. A sandbox is a pod's environment (address, hostname);
 * a container is one run of a program in it. A restarted container is a new container with the next `attempt`.
 * Containers outlive the kubelet: a new kubelet finds them by `list`.
 */
export interface SandboxSpec {
  podUid: string
  namespace: string
  name: string
  /** What the pod's programs see as their host's name (`spec.hostname`). Default: `name`. */
  hostname?: string
  /** Directory that belongs to this pod alone. */
  directory: string
  /** The pod shares the node's network: its address is the node's own. Default: false. */
  hostNetwork?: boolean
  /** The pod sees the node's processes. Default: false. */
  hostPid?: boolean
  /** The pod shares the node's memory segments, semaphores and `/dev/shm`. Default: false. */
  hostIpc?: boolean
  /** The pod's containers see each other's processes. Default: false. */
  shareProcessNamespace?: boolean
  /** Further lines of `/etc/hosts`. Default: none. */
  hostAliases?: readonly { ip: string; hostnames: readonly string[] }[]
  /** What the pod's domain name is, under its host name: `NAME.subdomain.namespace.svc…`. Default: none. */
  domain?: string
  /** The text of `/etc/resolv.conf`. Default: the node's own. */
  resolverConfig?: string
}

/** Who a container's program is and what it may do. */
export interface Security {
  /** The image's user, `USER` or `USER:GROUP`, by name or number. Default: root. */
  imageUser?: string
  /** Instead of the image's. */
  runAsUser?: number
  runAsGroup?: number
  /** Beside the groups that the user has: `supplementalGroups` and `fsGroup`. */
  groups: readonly number[]
  privileged: boolean
  /** Whether the program may come to have more rights than its parent, by set-user-ID programs above all. */
  allowPrivilegeEscalation: boolean
  readOnlyRootFilesystem: boolean
  /** Upstream's names, without `CAP_`; `ALL` is all. */
  addedCapabilities: readonly string[]
  droppedCapabilities: readonly string[]
}

/** What a pod may ask for and a runtime may not give. */
export type Feature =
  | 'CPU limits'
  | 'memory limits'
  | 'users and groups'
  | 'capabilities'
  | 'privilege escalation'
  | 'read-only root file systems'
  | 'read-only mounts'
  | 'mount propagation'
  | 'seccomp profiles'
  | 'AppArmor profiles'
  | 'SELinux labels'
  | 'sysctls'
  | 'host aliases'
  | 'DNS settings'

/** What a container may use. Absent: without limit. */
export interface ResourceLimits {
  /** Thousandths of a CPU that it is given when CPUs are scarce. */
  cpuRequestMillis?: number
  /** Thousandths of a CPU that it gets at most. */
  cpuLimitMillis?: number
  memoryLimitBytes?: number
  /** How many processes and threads it may have. */
  pidsLimit?: number
}

export interface Sandbox {
  podUid: string
  /** The pod's own address. */
  ip: string
}

/** A directory or file of the host that a container is to see at a path of its own. */
export interface Mount {
  /** Absolute, with all links resolved: exists when the container starts. */
  hostPath: string
  /** Absolute. */
  containerPath: string
  readOnly: boolean
  /** As in the pod's spec: whether mounts made below it later reach the container, and those of the container the host. */
  propagation: 'None' | 'HostToContainer' | 'Bidirectional'
}

export interface ContainerSpec {
  podUid: string
  /** Name of the container in the pod. */
  name: string
  /** Counts the runs of this container of this pod, from 0. */
  attempt: number
  /** Program and arguments, complete. */
  argv: readonly string[]
  env: Readonly<Record<string, string>>
  workingDirectory: string
  /** What is mounted, outer paths before inner ones. Ignored by a runtime without `hasMounts`. */
  mounts?: readonly Mount[]
  /** Directory of the host that holds the image's files, which lie over the host's. Ignored by a runtime without `hasMounts`. */
  imageDirectory?: string
  /** Default: as the kubelet itself, with upstream's default capabilities. */
  security?: Security
  /** Default: no limits. */
  limits?: ResourceLimits
  /** File that receives stdout and stderr in CRI log format (`TIME STREAM F line`). */
  logPath: string
  /** How large that file, and how many of them, may become. Default: upstream's 10 MiB and 5. */
  logLimits?: LogLimits
  /**
   * `open`: its input can be written to and never ends; `once`: it ends with the first of those that write to it.
   * Default: its input is empty.
   */
  stdin?: 'open' | 'once'
  /** In a terminal of its own. Default: false. */
  tty?: boolean
  /** What the kubelet wants to find again with this run: kept with it, given back by `list`, of no meaning to the runtime. */
  annotations: Readonly<Record<string, string>>
}

export interface ContainerState {
  /** Unique for ever: names this one run. */
  id: string
  podUid: string
  name: string
  attempt: number
  logPath: string
  /** As in the spec that it was started with. */
  annotations: Readonly<Record<string, string>>
  state: 'running' | 'exited'
  pid: number
  startedAtMs: number
  /** Present once exited: 128+n when ended by signal n. */
  exitCode?: number
  /** The signal that ended it, if one did. */
  signal?: number
  finishedAtMs?: number
  /**
   * The runtime itself died and took the container along: nobody saw how it ended, so `exitCode` (137) and
   * `finishedAtMs` are assumed (upstream's `ContainerStatusUnknown`).
   */
  lost?: true
  /** It was killed for want of memory, so `exitCode` is 137. */
  oomKilled?: true
  /**
   * What the runtime noticed and the user should read, in one sentence: so far that a port was taken. Wanted as a
   * Warning event, and as termination message where the program left none. May appear while the container runs.
   */
  notice?: string
}

/** A container could not be started; `reason` is the waiting reason that upstream shows (`RunContainerError` …). */
export class StartError extends Error {
  override readonly name = 'StartError'
  /** Exit code upstream gives for it: 127 not found, 126 not executable, 128 other. */
  readonly exitCode: number
  constructor(message: string, exitCode: number) {
    super(message)
    this.exitCode = exitCode
  }
}

export interface ExecResult {
  exitCode: number
  /** stdout and stderr together, cut to a bound. */
  output: string
  timedOut: boolean
}

/** The size of a terminal, in characters. */
export interface TerminalSize {
  columns: number
  rows: number
}

/** The terminal of a container's own program, as those see it who watch it. */
export interface Terminal {
  /** What the program writes, until it has ended. Who reads too slowly misses a part. */
  output: AsyncIterable<Buffer>
  resize(size: TerminalSize): void
}

/** A program that runs beside a container's own, with somebody at its other end. */
export interface ExecStream {
  /** Absent unless asked for. What is written after the program's end is dropped. */
  stdin?: Writable
  /** To be read to its end: a program whose output nobody takes is held up. */
  stdout: Readable
  /** Absent where a terminal shows both as one. */
  stderr?: Readable
  /** Tells the terminal's programs of its new size. Nothing without a terminal. */
  resize(size: TerminalSize): void
  /** Resolves with the exit code once the program has ended: 128+n when ended by signal n. */
  exited: Promise<number>
  /** Kills the program with all of its processes; resolves when none is left. */
  kill(): Promise<void>
}

export interface ExecStreamOptions {
  /** In a terminal of its own. */
  tty: boolean
  /** With an input that can be written to; else it is empty. */
  stdin: boolean
}

export interface Runtime {
  /** As in `status.nodeInfo.containerRuntimeVersion`: `process://0.1.0`. */
  readonly version: string
  /**
   * Names the present life of what holds the sandboxes: when it changes, all of them are lost, with what ran in them.
   * `ensureSandbox` makes them anew.
   */
  readonly generation: string
  /**
   * Whether containers see mounts at their paths. For a runtime that cannot, the kubelet lays out a directory that holds
   * links in their places, and translates the paths of command lines into it.
   */
  readonly hasMounts: boolean
  /** What pods may ask for without effect here: a Warning event says so. */
  readonly unenforced: ReadonlySet<Feature>
  /** Makes what all pods need, which the first one would else wait for. Rejects where it cannot be made: the pods' sandboxes then say why. */
  prepare(): Promise<void>
  /** Makes the pod's sandbox, or returns the one it has. The same pod keeps its address as long as it has a sandbox. */
  ensureSandbox(spec: SandboxSpec): Promise<Sandbox>
  /** Kills and forgets whatever is left of the pod, then frees its address. No sandbox is no error. */
  removeSandbox(podUid: string): Promise<void>
  /**
   * Starts a program in the sandbox, which must exist. Throws StartError. Idempotent for one (podUid, name, attempt):
   * a second call returns the state of the run that is there.
   */
  startContainer(spec: ContainerSpec): Promise<ContainerState>
  /**
   * SIGTERM (or `signal`) to the container's process group; after `graceMs` SIGKILL to all its processes. Resolves once
   * it has exited, at once for one that is gone. Of several calls the earliest deadline counts.
   */
  stopContainer(id: string, options: { graceMs: number; signal?: NodeJS.Signals }): Promise<void>
  /** Forgets an exited container. Its log stays. */
  removeContainer(id: string): Promise<void>
  /** Everything the runtime knows of this node, running or exited, also from before a restart of the kubelet. */
  list(): Promise<ContainerState[]>
  /** Calls `onChange` with a pod's UID whenever one of its containers starts, exits, or has a new notice. */
  subscribe(onChange: (podUid: string) => void): () => void
  /** Runs a program beside a running container, with its environment, and waits for it. */
  exec(id: string, argv: readonly string[], options: { timeoutMs: number }): Promise<ExecResult>
  /**
   * Starts a program beside a running container, with its environment and working directory. It ends with the
   * container, and unlike that also with the kubelet. Throws a StartError where there is no such program.
   */
  execStream(id: string, argv: readonly string[], options: ExecStreamOptions): Promise<ExecStream>
  /**
   * The input of a running container. What is written to one that has none, or whose input has ended, is dropped. Its
   * end is that of the container's input where that is to be written to once.
   */
  openInput(id: string): Writable
  /**
   * The terminal of a running container's own program; undefined where it has none. Its output is that from now on, or
   * `fromStart`, if that is not too much to be kept. Rejects where the container does not run.
   */
  openTerminal(id: string, options: { fromStart: boolean }): Promise<Terminal | undefined>
  /** Connects to a TCP port of a pod as a program inside of it would at `localhost`. Rejects where nobody listens. */
  dial(podUid: string, port: number): Promise<Duplex>
  /**
   * The node goes down: kills the containers that still run and ends whatever keeps them; resolves when nothing runs any
   * more. Their records stay, so that a kubelet started again continues with the right restart counts.
   */
  shutdown(): Promise<void>
  /** The kubelet goes, its containers stay. */
  close(): Promise<void>
}
