import type { Pod, PodStatus } from '../../shared/api/pod/pod.ts'
import type { Sandbox } from '../runtime/runtime.ts'
import type { Rejection } from './admit.ts'
import type { BackOff } from './back-off.ts'
import type { NodeShutdown } from './node-shutdown.ts'
import type { ContainerRun, PostStart, StartFailure, Stop } from './world.ts'

/** What a worker remembers of its pod from one look to the next; the fields are explained in `world.ts`. */
export interface PodMemory {
  pod: Pod
  isGone: boolean
  readonly firstSeenMs: number
  /** It has been looked at once: whether it is taken on is decided, and what an earlier kubelet left is known. */
  isAdopted: boolean
  /** Runs whose notice has been told. */
  readonly noticed: Set<string>
  rejection: Rejection | undefined
  shutdown: NodeShutdown | undefined
  sandbox: Sandbox | undefined
  generation: string
  lastStatus: PodStatus | undefined
  readonly stops: Map<string, Stop>
  readonly postStarts: Map<string, PostStart>
  readonly failures: Map<string, StartFailure>
  readonly backOffs: Map<string, BackOff>
  readonly announced: Set<string>
  /** Runs that the runtime has no record of: those that could not start, and those that are lost. */
  unrecorded: ContainerRun[]
  /** What ended runs left to say, by run ID. */
  readonly lastWords: Map<string, string>
  /** Runs that this kubelet started itself; others come from an earlier one. */
  readonly ownRuns: Set<string>
}

export const createMemory = (pod: Pod, firstSeenMs: number): PodMemory => ({
  pod,
  isGone: false,
  isAdopted: false,
  noticed: new Set(),
  firstSeenMs,
  rejection: undefined,
  shutdown: undefined,
  sandbox: undefined,
  generation: '',
  lastStatus: undefined,
  stops: new Map(),
  postStarts: new Map(),
  failures: new Map(),
  backOffs: new Map(),
  announced: new Set(),
  unrecorded: [],
  lastWords: new Map(),
  ownRuns: new Set(),
})

/** Takes a copy of the pod if it is newer than the one that is known. */
export function adopt(memory: PodMemory, pod: Pod): void {
  // One counter numbers all writes of the API server.
  if (Number(pod.metadata.resourceVersion) > Number(memory.pod.metadata.resourceVersion)) memory.pod = pod
}

/** Forgets what belongs to runs other than these. */
export function forgetAllBut(memory: PodMemory, runs: ReadonlySet<string>): void {
  for (const known of [memory.stops, memory.postStarts, memory.lastWords]) {
    for (const id of known.keys()) if (!runs.has(id)) known.delete(id)
  }
  for (const known of [memory.ownRuns, memory.noticed]) {
    for (const id of known) if (!runs.has(id)) known.delete(id)
  }
}
