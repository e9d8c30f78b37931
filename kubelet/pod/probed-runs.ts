/** Which runs of a pod are probed, and what is known of them from before. Pure. */
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { Inherited, ProbedRun } from '../probes/pod-probers.ts'
import { runIdOf } from './container-id.ts'
import { allContainersOf, IMAGE_DIRECTORY, isUp, type PodWorld, runsOf } from './world.ts'

/** The runs that are up; of those that are being ended only whether they still serve is asked. */
export function probedRuns(world: PodWorld): ProbedRun[] {
  const { sandbox, stops } = world
  if (sandbox === undefined) return []
  return allContainersOf(world).flatMap((container) => {
    const [run] = runsOf(world, container.name)
    if (!isUp(world, run)) return []
    const { id, startedAtMs, annotations } = run
    const imageDirectory = annotations[IMAGE_DIRECTORY]
    return {
      ...{ id, startedAtMs, container, podIp: sandbox.ip, isEnding: stops.has(id) },
      ...(imageDirectory !== undefined && { imageDirectory }),
    }
  })
}

/** What the pod's status says of a run that an earlier kubelet started. */
export function inheritedOf({ status }: Pod, runId: string): Inherited {
  const { initContainerStatuses = [], containerStatuses = [] } = status ?? {}
  const found = [...initContainerStatuses, ...containerStatuses].find(
    ({ containerID }) => containerID !== undefined && runIdOf(containerID) === runId,
  )
  return { started: found?.started ?? false, ready: found?.ready ?? false }
}
