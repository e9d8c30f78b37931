/** The next step from old pods to those of the current template. Pure. */
import type { DaemonSet } from '../../shared/api/daemon-set.ts'
import type { Node } from '../../shared/api/node/node.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import { availableFromMs } from '../replicas/pod-state.ts'
import type { Placement } from './placement.ts'
import { type PodsByNode, versionsOn } from './pods-by-node.ts'
import { rolloutLimits } from './rollout-limits.ts'

export interface RolloutWorld {
  nodes: readonly Node[]
  byNode: PodsByNode
  placementOn(node: Node): Placement
  hash: string
  nowMs: number
}

export interface RolloutStep {
  /** Nodes that get a new pod beside their old one. */
  create: string[]
  /** Old pods whose place is taken anew, by what `manageNodes` then makes of it. */
  delete: Pod[]
}

/** Deletes old pods, as many as may be unavailable at once; those that are so anyway first of all. */
function replaceOld(nodes: readonly (readonly Pod[])[], step: StepWorld, maxUnavailable: number): RolloutStep {
  const unavailable: Pod[] = []
  const candidates: Pod[] = []
  let missing = 0
  for (const pods of nodes) {
    const versions = versionsOn(pods, step.hash)
    const { updated, old } = versions ?? {}
    if (old === undefined || updated !== undefined) {
      // Without a pod, or with too many: `manageNodes` sees to it, and until then the node counts as without.
      if (updated === undefined || old !== undefined || !step.isAvailable(updated)) missing++
    } else if (step.isAvailable(old)) candidates.push(old)
    else {
      missing++
      unavailable.push(old)
    }
  }
  return { create: [], delete: [...unavailable, ...candidates.slice(0, Math.max(0, maxUnavailable - missing))] }
}

/** Adds new pods beside old ones, as many as there may be too many; an old one goes when the new one serves. */
function surgeOver(nodes: ReadonlyMap<string, readonly Pod[]>, step: StepWorld, maxSurge: number): RolloutStep {
  const result: RolloutStep = { create: [], delete: [] }
  const candidates: string[] = []
  let surging = 0
  for (const [nodeName, pods] of nodes) {
    const versions = versionsOn(pods, step.hash)
    if (versions === undefined) surging++
    const { updated, old } = versions ?? {}
    if (old === undefined) continue
    if (updated === undefined) {
      if (step.shouldRun(nodeName)) (step.isAvailable(old) ? candidates : result.create).push(nodeName)
    } else if (step.isAvailable(updated)) result.delete.push(old)
    else surging++
  }
  result.create.push(...candidates.slice(0, Math.max(0, maxSurge - surging)))
  return result
}

interface StepWorld {
  hash: string
  isAvailable(pod: Pod): boolean
  shouldRun(nodeName: string): boolean
}

/** Takes the rollout as far as its limits allow for now. Call it when `manageNodes` has nothing to do. */
export function stepRollout(daemonSet: DaemonSet, world: RolloutWorld): RolloutStep {
  const { nodes, byNode, placementOn, hash, nowMs } = world
  const { minReadySeconds = 0 } = daemonSet.spec
  const wanted = new Set(nodes.filter((node) => placementOn(node).shouldRun).map(({ metadata }) => metadata.name))
  const names = [...new Set([...wanted, ...byNode.keys()])].sort()
  const step: StepWorld = {
    hash,
    isAvailable: (pod) => (availableFromMs(pod, minReadySeconds) ?? Number.POSITIVE_INFINITY) <= nowMs,
    shouldRun: (nodeName) => wanted.has(nodeName),
  }
  const podsOf = new Map(names.map((name) => [name, byNode.get(name) ?? []]))
  const { maxSurge, maxUnavailable } = rolloutLimits(daemonSet, wanted.size)
  if (maxSurge > 0) return surgeOver(podsOf, step, maxSurge)
  return replaceOld([...podsOf.values()], step, maxUnavailable)
}
