/** What hollow pods do next, and what is reported of them. Pure. */
import type { Pod, PodStatus } from '../../shared/api/pod/pod.ts'
import { toTime } from '../../shared/clock.ts'

/** How all pods of a hollow node behave. */
export interface HollowBehaviour {
  /** From the binding of a pod until it runs and is ready. */
  startMs: number
  /** How long pods run that may end, those whose restart policy is not Always; undefined: until they are deleted. */
  runMs: number | undefined
  /** What their containers then end with. */
  exitCode: number
}

export interface Step {
  do: 'run' | 'end' | 'remove'
  afterMs: number
}

export const hasEnded = ({ status }: Pod): boolean => status.phase === 'Succeeded' || status.phase === 'Failed'

/**
 * The next step of a pod; undefined where there is none. One that runs for no time ends without having been seen
 * running, as a real one does whose containers have ended before they were first reported.
 */
export function nextStep(pod: Pod, { startMs, runMs }: HollowBehaviour, nowMs: number): Step | undefined {
  const { metadata, spec, status } = pod
  if (metadata.deletionTimestamp !== undefined) return { do: 'remove', afterMs: 0 }
  if (hasEnded(pod)) return undefined
  const mayEnd = runMs !== undefined && spec.restartPolicy !== 'Always'
  if (status.phase !== 'Running') return { do: mayEnd && runMs === 0 ? 'end' : 'run', afterMs: startMs }
  if (!mayEnd) return undefined
  const sinceMs = status.startTime === undefined ? nowMs : Date.parse(status.startTime)
  return { do: 'end', afterMs: Math.max(0, sinceMs + runMs - nowMs) }
}

/** The conditions that a pod keeps when it has ended, and those that it loses. */
const REACHED = ['PodReadyToStartContainers', 'Initialized']
const READINESS = ['Ready', 'ContainersReady']

const condition = (type: string, isTrue: boolean, time: string, reason?: string) => ({
  type,
  status: isTrue ? 'True' : 'False',
  lastProbeTime: null,
  lastTransitionTime: time,
  ...(reason !== undefined && { reason }),
})

const containers = ({ metadata, spec }: Pod, state: object, ready: boolean) =>
  spec.containers.map(({ name, image = '' }) => ({
    name,
    image,
    imageID: `hollow://${image}`,
    containerID: `hollow://${metadata.uid}/${name}`,
    ready,
    started: ready,
    restartCount: 0,
    state,
  }))

/** Where a pod runs, once it does. */
export interface Place {
  nodeIp: string
  podIp: string
}

const startedStatus = ({ nodeIp, podIp }: Place, startTime: string) => ({
  hostIP: nodeIp,
  hostIPs: [{ ip: nodeIp }],
  podIP: podIp,
  podIPs: [{ ip: podIp }],
  startTime,
})

/** The status of a pod that pretends to run, as a strategic merge patch. */
export function runningStatus(pod: Pod, { nowMs, ...place }: Place & { nowMs: number }) {
  const now = toTime(nowMs)
  return {
    phase: 'Running' as const,
    ...startedStatus(place, now),
    conditions: [...REACHED, ...READINESS].map((type) => condition(type, true, now)),
    containerStatuses: containers(pod, { running: { startedAt: now } }, true),
  }
}

/** The status of a pod whose containers have pretended to end. `place` is that of one that was never reported to run. */
export function endedStatus(
  pod: Pod,
  { exitCode, nowMs, place }: { exitCode: number; nowMs: number; place?: Place | undefined },
) {
  const now = toTime(nowMs)
  const isWell = exitCode === 0
  const startedAt: PodStatus['startTime'] = pod.status.startTime ?? now
  const terminated = { exitCode, reason: isWell ? 'Completed' : 'Error', startedAt, finishedAt: now }
  const reason = isWell ? 'PodCompleted' : 'PodFailed'
  const reached = place === undefined ? [] : REACHED.map((type) => condition(type, true, now))
  const lost = READINESS.map((type) => condition(type, false, now, reason))
  return {
    phase: isWell ? ('Succeeded' as const) : ('Failed' as const),
    ...(place !== undefined && startedStatus(place, now)),
    conditions: [...reached, ...lost],
    containerStatuses: containers(pod, { terminated }, false),
  }
}
