/** Which streams of a pod a request means: pure, from the pod and the query. */
import type { Pod } from '../../shared/api/pod/pod.ts'
import { badRequest } from '../../shared/errors.ts'
import { chooseContainer } from './pod-log.ts'

/** The query of an exec request. */
export interface StreamQuery {
  container: string | undefined
  command: readonly string[]
  /** The names of those that are wanted. */
  wanted: readonly StreamFlag[]
}

/** The API's names, each with the kubelet's. */
const FLAGS = { stdin: 'input', stdout: 'output', stderr: 'error', tty: 'tty' } as const
export type StreamFlag = keyof typeof FLAGS
export const STREAM_FLAGS = Object.keys(FLAGS) as StreamFlag[]

/** The kubelet's path of what a request means, and its node. Throws a BadRequest where the request leaves it open or is wrong. */
export function streamPathOf(pod: Pod, { container, command, wanted }: StreamQuery): { node: string; path: string } {
  const chosen = chooseContainer(pod, container)
  const { metadata, spec } = pod
  if (!spec.nodeName) throw badRequest(`pod ${metadata.name} does not have a host assigned`)
  const query = new URLSearchParams(command.map((word) => ['command', word]))
  for (const flag of wanted) query.set(FLAGS[flag], '1')
  const path = [metadata.namespace!, metadata.name, chosen].map(encodeURIComponent).join('/')
  return { node: spec.nodeName, path: `/exec/${path}?${query}` }
}
