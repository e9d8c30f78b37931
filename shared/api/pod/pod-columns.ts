/** What `kubectl get pods` shows. Loads no schema, so that any component may use it. */
import { age, ageColumn, nameColumn } from '../columns.ts'
import type { Column } from '../kind.ts'
import { isFinished } from './deletion-grace.ts'
import type { Container, ContainerState, ContainerStatus, Pod } from './pod.ts'

/** Why the pods of a node that cannot be reached are being deleted; set as `status.reason` by the node lifecycle. */
const NODE_LOST = 'NodeLost'
const NONE = '<none>'

/** An init container that runs beside the containers that follow it. */
export const isSidecar = (container: Pick<Container, 'restartPolicy'> | undefined): boolean =>
  container?.restartPolicy === 'Always'

export interface PodSummary {
  /** Why the pod is as it is, in one word: the Status column. */
  reason: string
  ready: number
  /** Containers that count for readiness: sidecars too, other init containers not. */
  total: number
  restarts: number
  /** When the run before the newest restart ended. */
  lastRestartAt?: string
}

/** Restarts of several containers together. */
interface Restarts {
  count: number
  last?: string
}

const NO_RESTARTS: Restarts = { count: 0 }

function addRestarts({ count, last }: Restarts, { restartCount = 0, lastState }: ContainerStatus): Restarts {
  const ended = lastState?.terminated?.finishedAt
  const isNewer = ended !== undefined && (last === undefined || Date.parse(ended) > Date.parse(last))
  return { count: count + restartCount, last: isNewer ? ended : last }
}

/** How an ended container is called: its reason, or else its signal or exit code. */
function endOf({ reason, signal, exitCode }: NonNullable<ContainerState['terminated']>): string {
  if (reason) return reason
  return signal ? `Signal:${signal}` : `ExitCode:${exitCode}`
}

const isConditionTrue = ({ status }: Pod, type: string) =>
  (status.conditions ?? []).some((condition) => condition.type === type && condition.status === 'True')

interface InitSummary {
  /** Set while initialization goes on, or has failed. */
  reason?: string
  readySidecars: number
  restarts: Restarts
  sidecarRestarts: Restarts
}

/** Follows the init containers up to the first that is not done. */
function summarizeInit({ spec, status }: Pod): InitSummary {
  const containers = spec.initContainers ?? []
  const summary: InitSummary = { readySidecars: 0, restarts: NO_RESTARTS, sidecarRestarts: NO_RESTARTS }
  for (const [index, container] of (status.initContainerStatuses ?? []).entries()) {
    const isSidecarStatus = isSidecar(containers.find(({ name }) => name === container.name))
    summary.restarts = addRestarts(summary.restarts, container)
    if (isSidecarStatus) summary.sidecarRestarts = addRestarts(summary.sidecarRestarts, container)
    const { terminated, waiting } = container.state ?? {}
    if (terminated?.exitCode === 0) continue
    if (isSidecarStatus && container.started) {
      if (container.ready) summary.readySidecars++
      continue
    }
    if (terminated !== undefined) summary.reason = `Init:${endOf(terminated)}`
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') summary.reason = `Init:${waiting.reason}`
    else summary.reason = `Init:${index}/${containers.length}`
    break
  }
  return summary
}

/** The reason that the containers give, the first container's in the end, and how many of them are ready. */
function summarizeContainers(pod: Pod, startReason: string) {
  let reason = startReason
  let ready = 0
  for (const { state, ready: isReady } of [...(pod.status.containerStatuses ?? [])].reverse()) {
    if (state?.waiting?.reason) reason = state.waiting.reason
    else if (state?.terminated !== undefined) reason = endOf(state.terminated)
    else if (isReady && state?.running !== undefined) ready++
  }
  // One container is done and others go on: the pod as a whole runs.
  if (reason === 'Completed' && ready > 0) reason = isConditionTrue(pod, 'Ready') ? 'Running' : 'NotReady'
  return { reason, ready }
}

function phaseReason({ status }: Pod): string {
  const isGated = (status.conditions ?? []).some(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated',
  )
  return isGated ? 'SchedulingGated' : status.reason || status.phase || ''
}

function deletionReason(pod: Pod): string | undefined {
  if (pod.metadata.deletionTimestamp === undefined) return undefined
  if (pod.status.reason === NODE_LOST) return 'Unknown'
  return isFinished(pod) ? undefined : 'Terminating'
}

/** A pod in short, by the rules of upstream's printer. */
export function summarizePod(pod: Pod): PodSummary {
  const init = summarizeInit(pod)
  const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar)
  const summary: PodSummary = {
    reason: init.reason ?? phaseReason(pod),
    ready: init.readySidecars,
    total: pod.spec.containers.length + sidecars.length,
    restarts: init.restarts.count,
    lastRestartAt: init.restarts.last,
  }
  if (init.reason === undefined || isConditionTrue(pod, 'Initialized')) {
    const { reason, ready } = summarizeContainers(pod, summary.reason)
    const restarts = (pod.status.containerStatuses ?? []).reduce(addRestarts, init.sidecarRestarts)
    summary.reason = reason
    summary.ready += ready
    summary.restarts = restarts.count
    summary.lastRestartAt = restarts.last
  }
  summary.reason = deletionReason(pod) ?? summary.reason
  return summary
}

function showRestarts(pod: Pod, nowMs: number): string {
  const { restarts, lastRestartAt } = summarizePod(pod)
  return restarts === 0 || lastRestartAt === undefined
    ? `${restarts}`
    : `${restarts} (${age(lastRestartAt, nowMs)} ago)`
}

function showReadinessGates(pod: Pod): string {
  const gates = pod.spec.readinessGates ?? []
  if (gates.length === 0) return NONE
  return `${gates.filter(({ conditionType }) => isConditionTrue(pod, conditionType)).length}/${gates.length}`
}

export const podColumns: readonly Column<Pod>[] = [
  nameColumn,
  {
    name: 'Ready',
    type: 'string',
    description: 'Containers that are ready, of all that count.',
    cell(pod) {
      const { ready, total } = summarizePod(pod)
      return `${ready}/${total}`
    },
  },
  {
    name: 'Status',
    type: 'string',
    description: 'Phase of the pod, or why it is not running as it should.',
    cell: (pod) => summarizePod(pod).reason,
  },
  {
    name: 'Restarts',
    type: 'string',
    description: 'Restarts of its containers, and how long ago the last one was.',
    cell: showRestarts,
  },
  ageColumn,
  {
    name: 'IP',
    type: 'string',
    priority: 1,
    description: 'Address of the pod.',
    cell: ({ status }) => status.podIPs?.[0]?.ip ?? NONE,
  },
  {
    name: 'Node',
    type: 'string',
    priority: 1,
    description: 'Node that the pod is assigned to.',
    cell: ({ spec }) => spec.nodeName || NONE,
  },
  {
    name: 'Nominated Node',
    type: 'string',
    priority: 1,
    description: 'Node on which room is being made for the pod.',
    cell: ({ status }) => status.nominatedNodeName || NONE,
  },
  {
    name: 'Readiness Gates',
    type: 'string',
    priority: 1,
    description: 'Readiness gates whose condition is True, of all.',
    cell: showReadinessGates,
  },
]
