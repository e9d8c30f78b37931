import type { Node } from '../../shared/api/node/node.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { ContainerState } from '../runtime/runtime.ts'
import { type Rejection, rejectionOf } from './admit.ts'
import { isTerminalPhase } from './world.ts'

export interface AdmissionDeps {
  /** The node as the API has it; rejects when the kubelet stops before it is known. */
  currentNode(): Promise<Node>
  /** The pods of this kubelet, with their status as it was last computed. */
  pods(): readonly Pod[]
}

export interface Admission {
  /** Decides whether the node takes a pod on, whose runs the runtime knows: why not, or nothing. */
  decide(pod: Pod, runs: readonly ContainerState[]): Promise<Rejection | undefined>
  forget(podUid: string): void
  /** From now on no pod is taken on, for this reason. */
  refuseAll(rejection: Rejection): void
}

/** Whether the pod is past the question: taken on by this node before, or about to end in any case. */
const isDecided = ({ metadata, status }: Pod, runs: readonly ContainerState[]) =>
  runs.length > 0 ||
  status?.startTime !== undefined ||
  metadata.deletionTimestamp !== undefined ||
  isTerminalPhase(status?.phase)

/** Takes pods on one after the other, each beside all that were taken on before and have not ended. */
export function createAdmission({ currentNode, pods }: AdmissionDeps): Admission {
  const takenOn = new Set<string>()
  let refusal: Rejection | undefined

  const isActive = ({ metadata, status }: Pod) => takenOn.has(metadata.uid) && !isTerminalPhase(status?.phase)

  return {
    async decide(pod, runs) {
      const { uid } = pod.metadata
      const node = isDecided(pod, runs) ? undefined : await currentNode()
      // From here on in one breath: what is decided for one pod counts for the next.
      const others = pods().filter((other) => other.metadata.uid !== uid && isActive(other))
      const rejection = node === undefined ? undefined : (refusal ?? rejectionOf(pod, node, others))
      if (rejection === undefined) takenOn.add(uid)
      return rejection
    },
    forget: (podUid) => void takenOn.delete(podUid),
    refuseAll(rejection) {
      refusal = rejection
    },
  }
}
