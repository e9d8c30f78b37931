/** Tells the scheduler's state and queue what happens in the cluster, and wakes the pods that it can help. */
import { isDeepStrictEqual } from 'node:util'
import type { Namespace } from '../shared/api/namespace.ts'
import type { Node } from '../shared/api/node/node-model.ts'
import type { Pod } from '../shared/api/pod/pod-model.ts'
import type { Informer } from '../shared/controller/informer.ts'
import type { NodeChange, PodInfo } from './framework.ts'
import { type ClusterEvent, canHelp } from './hints.ts'
import { describePod, isFinished, isGated } from './pod-info.ts'
import type { SchedulingQueue } from './queue.ts'
import type { ClusterState } from './state/cluster-state.ts'

/** What of a node can make it fit for a pod that it did not fit before. */
const NODE_PARTS: Readonly<Record<Exclude<NodeChange, 'added'>, (node: Node) => unknown>> = {
  allocatable: ({ status }) => status.allocatable ?? status.capacity,
  labels: ({ metadata }) => metadata.labels,
  taints: ({ spec }) => spec.taints,
  unschedulable: ({ spec }) => spec.unschedulable,
}

const changesOf = (old: Node, node: Node): NodeChange[] =>
  Object.entries(NODE_PARTS)
    .filter(([, partOf]) => !isDeepStrictEqual(partOf(old), partOf(node)))
    .map(([change]) => change as NodeChange)

/** Whether others see a pod with other eyes than before. */
const countsDifferently = (before: PodInfo, now: PodInfo) =>
  before.isLeaving !== now.isLeaving || !isDeepStrictEqual(before.labels, now.labels)

export interface FeedOptions {
  state: ClusterState
  queue: SchedulingQueue
  /** Only pods whose `spec.schedulerName` this is come to the queue. */
  schedulerName: string
}

export interface Feed {
  /** Wakes the pods that an event can help. */
  wake(event: ClusterEvent): void
  /** The same for room on a node that a pod did not take after all. */
  wakeForRoom(pod: PodInfo, nodeName: string): void
  follow(informers: { pods: Informer<Pod>; nodes: Informer<Node>; namespaces: Informer<Namespace> }): void
}

export function createFeed({ state, queue, schedulerName }: FeedOptions): Feed {
  function wake(event: ClusterEvent): void {
    queue.wake(({ info, rejectors }) => canHelp(info, rejectors, { event, cluster: state }))
  }

  function wakeForRoom(pod: PodInfo, nodeName: string): void {
    const node = state.node(nodeName)
    if (node !== undefined) wake({ what: 'gone', pod, node })
  }

  function removePod(uid: string): void {
    const place = state.find(uid)
    queue.remove(uid)
    state.remove(uid)
    if (place !== undefined) wakeForRoom(place.info, place.nodeName)
  }

  function placePod(pod: Pod, nodeName: string): void {
    const { uid } = pod.metadata
    const before = state.find(uid)
    const info = describePod(pod)
    queue.remove(uid)
    state.place(info, nodeName)
    const isElsewhere = before?.nodeName !== nodeName
    const isOther = before === undefined || isElsewhere || countsDifferently(before.info, info)
    // A pod that asks for less than before leaves room, as does one that was bound elsewhere than assumed.
    if (before !== undefined && (isOther || !isDeepStrictEqual(before.info.requests, info.requests)))
      wakeForRoom(before.info, before.nodeName)
    if (isOther) wake({ what: 'placed', pod: info })
  }

  function enqueuePod(pod: Pod, old: Pod | undefined): void {
    const isOurs = pod.spec.schedulerName === schedulerName
    if (!isOurs || isGated(pod) || pod.metadata.deletionTimestamp !== undefined) {
      removePod(pod.metadata.uid)
      return
    }
    const info = describePod(pod)
    // Its status alone, which says what the scheduler wrote to it, makes it fit nowhere.
    const mayHelp =
      old !== undefined &&
      !(isDeepStrictEqual(old.spec, pod.spec) && isDeepStrictEqual(old.metadata.labels, pod.metadata.labels))
    if (queue.update(info, mayHelp)) return
    // Assumed and out of the queue: it has been bound, and this is older news.
    if (state.find(info.uid) === undefined) queue.add(info)
  }

  function onPod(pod: Pod, old?: Pod): void {
    const { nodeName = '' } = pod.spec
    if (isFinished(pod)) removePod(pod.metadata.uid)
    else if (nodeName !== '') placePod(pod, nodeName)
    else enqueuePod(pod, old)
  }

  function onNode(node: Node, old?: Node): void {
    state.setNode(node)
    const changes: NodeChange[] = old === undefined ? ['added'] : changesOf(old, node)
    if (changes.length > 0) wake({ what: 'node', node: state.node(node.metadata.name)!, changes })
  }

  function onNamespace({ metadata: { name, labels = {} } }: Namespace): void {
    const isNew = !isDeepStrictEqual(state.namespaceLabels(name), labels)
    state.setNamespace(name, labels)
    if (isNew) wake({ what: 'namespace' })
  }

  return {
    wake,
    wakeForRoom,
    follow({ pods, nodes, namespaces }) {
      namespaces.subscribe({
        add: onNamespace,
        update: (_old, namespace) => onNamespace(namespace),
        delete: ({ metadata }) => state.removeNamespace(metadata.name),
      })
      nodes.subscribe({
        add: (node) => onNode(node),
        update: (old, node) => onNode(node, old),
        delete: ({ metadata }) => state.removeNode(metadata.name),
      })
      pods.subscribe({
        add: (pod) => onPod(pod),
        update: (old, pod) => onPod(pod, old),
        delete: ({ metadata }) => removePod(metadata.uid),
      })
    },
  }
}
