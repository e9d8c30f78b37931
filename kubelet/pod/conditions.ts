/** The pod conditions that the kubelet owns, with upstream's reasons and messages. Pure. */
import type { Container, ContainerStatus, PodCondition, PodStatus } from '../../shared/api/pod/pod.ts'
import { toTime } from '../../shared/clock.ts'
import { hasEnded } from './ending.ts'
import { SHUTDOWN_MESSAGE } from './node-shutdown.ts'
import { isInitialized } from './phase.ts'
import { initContainersOf, isSidecar, type PodWorld } from './world.ts'

type Verdict = Pick<PodCondition, 'status' | 'reason' | 'message'>

const TRUE: Verdict = { status: 'True' }
const TERMINATED: Verdict = { status: 'True', reason: 'TerminationByKubelet', message: SHUTDOWN_MESSAGE }
const no = (reason: string, message?: string): Verdict => ({
  status: 'False',
  reason,
  ...(message !== undefined && { message }),
})
const nameList = (names: readonly string[]) => `[${names.join(' ')}]`

function initialized(world: PodWorld, phase: PodStatus['phase']): Verdict {
  if (phase === 'Succeeded') return { status: 'True', reason: 'PodCompleted' }
  const open = initContainersOf(world).filter((container) => !isInitialized(world, container))
  if (open.length === 0) return TRUE
  return no('ContainersNotInitialized', `containers with incomplete status: ${nameList(open.map(({ name }) => name))}`)
}

function containersReady(
  containers: readonly Container[],
  statuses: readonly ContainerStatus[],
  phase: PodStatus['phase'],
): Verdict {
  if (phase === 'Succeeded') return no('PodCompleted')
  if (phase === 'Failed') return no('PodFailed')
  const isReady = (name: string) => statuses.some((status) => status.name === name && status.ready)
  const unready = containers.map(({ name }) => name).filter((name) => !isReady(name))
  if (unready.length === 0) return TRUE
  return no('ContainersNotReady', `containers with unready status: ${nameList(unready)}`)
}

/** Readiness gates: conditions that others set and that Ready waits for. */
function gates({ pod }: PodWorld): Verdict {
  const messages = (pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const condition = pod.status?.conditions?.find(({ type }) => type === conditionType)
    if (condition === undefined)
      return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`]
    if (condition.status !== 'True') {
      return [`the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`]
    }
    return []
  })
  return messages.length === 0 ? TRUE : no('ReadinessGatesNotReady', messages.join(', '))
}

/** When the condition took its status: kept from the API's copy, or from what was computed before the API knew it. */
function transitionTime(world: PodWorld, type: string, status: string): string {
  const stored = world.pod.status?.conditions?.find((condition) => condition.type === type)
  if (stored?.status === status && stored.lastTransitionTime !== undefined) return stored.lastTransitionTime
  const last = world.lastStatus?.conditions?.find((condition) => condition.type === type)
  const isNewer = (last?.lastTransitionTime ?? '') >= (stored?.lastTransitionTime ?? '')
  const kept = last?.status === status && isNewer ? last.lastTransitionTime : undefined
  return kept ?? toTime(world.nowMs)
}

/** All conditions of the kubelet; those of others are not among them. */
export function podConditions(
  world: PodWorld,
  statuses: { init: readonly ContainerStatus[]; main: readonly ContainerStatus[] },
  phase: PodStatus['phase'],
): PodCondition[] {
  const ready = containersReady(
    [...initContainersOf(world).filter(isSidecar), ...world.pod.spec.containers],
    [...statuses.init, ...statuses.main],
    phase,
  )
  const verdicts: Record<string, Verdict> = {
    // That of a pod that has ended serves for its logs only.
    PodReadyToStartContainers: world.sandbox === undefined || hasEnded(world) ? { status: 'False' } : TRUE,
    Initialized: initialized(world, phase),
    Ready: ready.status === 'True' ? gates(world) : ready,
    ContainersReady: ready,
    PodScheduled: TRUE,
    ...(world.shutdown !== undefined && { DisruptionTarget: TERMINATED }),
  }
  return Object.entries(verdicts).map(([type, verdict]) => ({
    type,
    ...verdict,
    lastTransitionTime: transitionTime(world, type, verdict.status),
  }))
}
