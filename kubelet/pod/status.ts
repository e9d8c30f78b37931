/** `status` of a pod as its kubelet reports it. Pure. */
import type { PodStatus } from '../../shared/api/pod/pod.ts'
import { toTime } from '../../shared/clock.ts'
import { podConditions } from './conditions.ts'
import { containerStatus } from './container-status.ts'
import { podPhase } from './phase.ts'
import { initContainersOf, type PodWorld, startTimeMs } from './world.ts'

/** The address of a pod: what it has, or had where its sandbox is gone. */
function podIps({ sandbox, pod, lastStatus }: PodWorld): Pick<PodStatus, 'podIP' | 'podIPs'> {
  const ip = sandbox?.ip ?? lastStatus?.podIP ?? pod.status?.podIP
  return ip === undefined ? {} : { podIP: ip, podIPs: [{ ip }] }
}

/**
 * The status that follows from a world. It holds the kubelet's own conditions only, and leaves out what others own
 * (`qosClass`, `nominatedNodeName`): it is what to patch, not what to store.
 */
export function podStatus(world: PodWorld, node: { ip: string }): PodStatus {
  const { pod } = world
  const init = initContainersOf(world).map((container) => containerStatus(world, container))
  const main = pod.spec.containers.map((container) => containerStatus(world, container))
  const { phase, reason, message } = podPhase(world, main)
  const verdict: PodStatus = {
    ...(pod.metadata.generation !== undefined && { observedGeneration: pod.metadata.generation }),
    phase,
    ...(reason !== undefined && { reason }),
    ...(message !== undefined && { message }),
    startTime: toTime(startTimeMs(world)),
  }
  // Of a pod that was never taken on there is nothing else to tell.
  if (world.rejection !== undefined) return verdict
  return {
    ...verdict,
    hostIP: node.ip,
    hostIPs: [{ ip: node.ip }],
    ...podIps(world),
    conditions: podConditions(world, { init, main }, phase),
    ...(init.length > 0 && { initContainerStatuses: init }),
    containerStatuses: main,
  }
}
