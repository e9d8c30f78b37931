/** How far the volumes of a pod are, for its plan. Pure. */
export interface VolumesState {
  /** All of them are there: containers may start. */
  isReady: boolean
  /** When they are to be prepared, or brought up to date; absent where nothing is to be done. */
  dueAtMs?: number
  /** Something of them may be on the node: it has to go when the pod ends. */
  isPresent: boolean
  /** Why the pod is evicted: a volume is larger than it may be. */
  eviction?: string
}

/** The state of a pod without volumes. */
export const NO_VOLUMES: VolumesState = { isReady: true, isPresent: false }
