/** Which streams of a pod a request means: pure, from the pod and the query. */
import type { Pod } from '../../shared/api/pod/pod.ts'
import { badRequest } from '../../shared/errors.ts'
import { chooseContainer } from './pod-log.ts'

export type StreamSubresource = 'attach' | 'exec'

/** The query of such a request. */
export interface StreamQuery {
  container: string | undefined
  /** Of an exec. */
  command: readonly string[]
  /** The names of those that are wanted. */
  wanted: readonly StreamFlag[]
}

/** The API's names, each with the kubelet's. */
const FLAGS = { stdin: 'input', stdout: 'output', stderr: 'error', tty: 'tty' } as const
export type StreamFlag = keyof typeof FLAGS
export const STREAM_FLAGS = Object.keys(FLAGS) as StreamFlag[]

/** The kubelet's path of what a request means, and its node. Throws a BadRequest where the request leaves it open or is wrong. */
export function streamPathOf(
  subresource: StreamSubresource,
  pod: Pod,
  { container, command, wanted }: StreamQuery,
): { node: string; path: string } {
  const chosen = chooseContainer(pod, container)
  const { metadata, spec } = pod
  if (!spec.nodeName) throw badRequest(`pod ${metadata.name} does not have a host assigned`)
  const query = new URLSearchParams(command.map((word) => ['command', word]))
  for (const flag of wanted) query.set(FLAGS[flag], '1')
  const path = [metadata.namespace!, metadata.name, chosen].map(encodeURIComponent).join('/')
  return { node: spec.nodeName, path: `/${subresource}/${path}?${query}` }
}

/** The kubelet's path of a port-forward, and its node. `ports` only where each connection is for certain ones. */
export function portForwardPathOf({ metadata, spec }: Pod, ports: readonly string[]): { node: string; path: string } {
  if (!spec.nodeName) throw badRequest(`pod ${metadata.name} does not have a host assigned`)
  const query = new URLSearchParams(ports.flatMap((list) => list.split(',')).map((port) => ['port', port]))
  const path = [metadata.namespace!, metadata.name].map(encodeURIComponent).join('/')
  return { node: spec.nodeName, path: `/portForward/${path}${query.size === 0 ? '' : `?${query}`}` }
}
