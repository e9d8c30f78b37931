import type { EventRecorder } from '../../shared/events/recorder.ts'
import type { Logger } from '../../shared/log.ts'
import type { ContainerState } from '../runtime/runtime.ts'
import type { NodeVolumes } from '../volumes/node-volumes.ts'
import type { Admission } from './admission.ts'
import type { StartDeps } from './start-container.ts'

/** What all workers share. */
export interface PodDeps extends StartDeps {
  recorder: EventRecorder
  volumes: NodeVolumes
  logger: Logger
  /** From 0 to 1. */
  random(): number
  admission: Admission
  /** The runs of a pod that the runtime knows, as they are now. */
  runsOf(podUid: string): Promise<ContainerState[]>
  /** The directory of a pod, by its UID. */
  directoryOf(podUid: string): string
}
