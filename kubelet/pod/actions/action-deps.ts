import type { Container } from '../../../shared/api/pod/pod.ts'
import type { PodMemory } from '../memory.ts'
import type { PodDeps } from '../pod-deps.ts'
import type { PodEvents } from '../pod-events.ts'
import { allContainersOf } from '../world.ts'

/** What the actions of one pod's worker need. */
export interface ActionDeps extends PodDeps {
  events: PodEvents
  /** Ends what actions have left running in the background: the worker leaves its pod as it is. */
  signal: AbortSignal
  /** Something that was begun has ended, well or not: look again. */
  onDone(error?: Error): void
  finishPod(): Promise<void>
}

/** The spec of a container that a plan names. */
export function containerOf(memory: PodMemory, name: string): Container {
  const container = allContainersOf(memory).find((candidate) => candidate.name === name)
  if (container === undefined) throw new Error(`the plan names a container that the pod has not: ${name}`)
  return container
}
