/** Which pods that fit nowhere an event can help: each filter says so of itself (upstream's queueing hints). Pure. */
import type { Decision } from './cycle.ts'
import type { Cluster, Filter, NodeChange, NodeInfo, PodInfo } from './framework.ts'
import { filters } from './plugins.ts'

export type ClusterEvent =
  | { readonly what: 'node'; readonly node: NodeInfo; readonly changes: readonly NodeChange[] }
  | { readonly what: 'placed'; readonly pod: PodInfo }
  | { readonly what: 'gone'; readonly pod: PodInfo; readonly node: NodeInfo }
  | { readonly what: 'namespace' }

/** The filters that an event can concern at all. */
const LISTENERS: Readonly<Record<ClusterEvent['what'], readonly Filter[]>> = {
  node: filters.filter(({ hints }) => hints.node !== undefined || hints.anyNode !== undefined),
  placed: filters.filter(({ hints }) => hints.placed !== undefined),
  gone: filters.filter(({ hints }) => hints.gone !== undefined),
  namespace: filters.filter(({ hints }) => hints.namespace === true),
}

/** The names of the filters because of which no node would do. */
export function rejectorsOf({ rejections, outside }: Decision): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { filter } of rejections) names.add(filter)
  if (outside !== undefined) names.add(outside.filter)
  return names
}

const passes = ({ only, prepare }: Filter, pod: PodInfo, node: NodeInfo, cluster: Cluster): boolean =>
  only?.(pod)?.has(node.name) !== false && prepare(pod, cluster)?.(node) === undefined

function helps(filter: Filter, pod: PodInfo, event: ClusterEvent, cluster: Cluster): boolean {
  const { hints } = filter
  switch (event.what) {
    case 'node': {
      const isAmong = (changes: readonly NodeChange[] = []) => event.changes.some((change) => changes.includes(change))
      return isAmong(hints.anyNode) || (isAmong(hints.node) && passes(filter, pod, event.node, cluster))
    }
    case 'placed':
      return hints.placed?.(pod, event.pod, cluster) === true
    case 'gone':
      return hints.gone?.(pod, event.pod, event.node, cluster) === true
    case 'namespace':
      return hints.namespace === true
  }
}

/** Whether an event may make a pod fit that the named filters have kept from fitting anywhere. */
export function canHelp(
  pod: PodInfo,
  rejectors: ReadonlySet<string>,
  { event, cluster }: { event: ClusterEvent; cluster: Cluster },
): boolean {
  // Without any node there was nobody to reject it.
  if (rejectors.size === 0) return event.what === 'node'
  return LISTENERS[event.what].some((filter) => rejectors.has(filter.name) && helps(filter, pod, event, cluster))
}
