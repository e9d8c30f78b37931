/** Which run's log a request means: pure, from the pod's status, in upstream's words (`validateContainerLogStatus`). */
import type { Pod } from '../../shared/api/pod/pod.ts'

export type LogTarget =
  /** `containerId` as in the status: `TYPE://ID`. */
  { is: 'run'; containerId: string } | { is: 'refused'; status: 400 | 404; message: string }

export interface LogRequest {
  container: string
  previous: boolean
}

const WAITING_MESSAGES: Readonly<Record<string, string>> = {
  ErrImagePull: "image can't be pulled",
  ImagePullBackOff: 'trying and failing to pull image',
}

export function findLogTarget({ metadata, spec, status }: Pod, { container, previous }: LogRequest): LogTarget {
  const quoted = `container ${JSON.stringify(container)} in pod ${JSON.stringify(metadata.name)}`
  const refused = (message: string): LogTarget => ({ is: 'refused', status: 400, message })
  const run = (containerId: string): LogTarget => ({ is: 'run', containerId })

  const all = [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])]
  if (!all.some(({ name }) => name === container)) {
    const message = `container ${JSON.stringify(container)} not found in pod ${JSON.stringify(`${metadata.name}_${metadata.namespace}`)}`
    return { is: 'refused', status: 404, message }
  }
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = status ?? {}
  const statuses = [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses]
  const found = statuses.find(({ name }) => name === container)
  if (found === undefined) return refused(`${quoted} is not available`)

  const { state, lastState, containerID } = found
  const last = lastState.terminated?.containerID
  if (previous) return last ? run(last) : refused(`previous terminated ${quoted} not found`)
  if (state.running !== undefined) return run(containerID ?? '')
  // A run that could not start has no ID of its own; the one before it has the log.
  const ended = state.terminated?.containerID || last
  if (ended) return run(ended)
  if (state.terminated !== undefined || lastState.terminated !== undefined) return refused(`${quoted} is terminated`)
  const { reason = '' } = state.waiting ?? {}
  if (state.waiting === undefined) return refused(`${quoted} is waiting to start - no logs yet`)
  return refused(`${quoted} is waiting to start: ${WAITING_MESSAGES[reason] ?? reason}`)
}
