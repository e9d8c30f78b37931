/** Which of a DaemonSet's pods are on which node. Pure. */
import type { Pod } from '../../shared/api/pod/pod.ts'
import { isFinished } from '../replicas/pod-state.ts'
import { HASH_LABEL, targetNodeOf } from './daemon-pod.ts'

export type PodsByNode = ReadonlyMap<string, readonly Pod[]>

export const isGoing = ({ metadata }: Pod): boolean => metadata.deletionTimestamp !== undefined

export const isUpdated = ({ metadata }: Pod, hash: string): boolean => metadata.labels?.[HASH_LABEL] === hash

const order = ({ spec, metadata }: Pod) =>
  `${(spec.nodeName ?? '') === '' ? 1 : 0}${metadata.creationTimestamp}${metadata.name}`

/** Bound pods first, then the older. */
export const olderFirst = (pods: readonly Pod[]): Pod[] => pods.toSorted((a, b) => (order(a) < order(b) ? -1 : 1))

/** Pods by the node that they are on or meant for. What has ended and is on its way out takes no place any more. */
export function podsByNode(pods: readonly Pod[]): PodsByNode {
  const byNode = new Map<string, Pod[]>()
  for (const pod of pods) {
    const node = targetNodeOf(pod)
    if (node === undefined || (isGoing(pod) && isFinished(pod))) continue
    const others = byNode.get(node)
    if (others === undefined) byNode.set(node, [pod])
    else others.push(pod)
  }
  return byNode
}

/** The one pod of the current and the one of an older version on a node; undefined: there are several of one sort. */
export function versionsOn(pods: readonly Pod[], hash: string): { updated?: Pod; old?: Pod } | undefined {
  const living = pods.filter((pod) => !isGoing(pod))
  const [updated, ...moreUpdated] = living.filter((pod) => isUpdated(pod, hash))
  const [old, ...moreOld] = living.filter((pod) => !isUpdated(pod, hash))
  if (moreUpdated.length + moreOld.length > 0) return undefined
  return { ...(updated !== undefined && { updated }), ...(old !== undefined && { old }) }
}
