/** A DaemonSet, its pods and its revisions for tables, and what becomes of them when a plan is applied. */
import { podForNode } from '../../../controller-manager/daemonset/daemon-pod.ts'
import {
  type DaemonSetAction,
  type DaemonSetWorld,
  reconcileDaemonSet,
} from '../../../controller-manager/daemonset/reconcile.ts'
import type { ControllerRevision } from '../../../shared/api/controller-revision.ts'
import type { DaemonSet } from '../../../shared/api/daemon-set.ts'
import type { Node } from '../../../shared/api/node/node.ts'
import type { Pod } from '../../../shared/api/pod/pod.ts'
import { controllerRef } from '../../../shared/controller/controller-refs.ts'
import { meta, type PodTraits, pod, START_MS } from '../objects.ts'

export const NOW_MS = START_MS + 100_000

export interface DaemonSetTraits {
  image?: string
  podSpec?: Partial<Pod['spec']>
  strategy?: DaemonSet['spec']['updateStrategy']
  minReadySeconds?: number
  revisionHistoryLimit?: number
  isGoing?: boolean
}

export function daemonSet({ image = 'v1', podSpec = {}, strategy, isGoing = false, ...spec }: DaemonSetTraits = {}) {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: meta('ssd', { generation: 1, ...(isGoing && { deletionTimestamp: '2026-01-01T00:00:00Z' }) }),
    spec: {
      selector: { matchLabels: { app: 'ssd' } },
      template: {
        metadata: { labels: { app: 'ssd' } },
        spec: { containers: [{ name: 'c', image }], ...podSpec } as Pod['spec'],
      },
      updateStrategy: strategy ?? { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      revisionHistoryLimit: 10,
      ...spec,
    },
    status: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
  } satisfies DaemonSet as DaemonSet
}

/** The action that makes the revision of a DaemonSet's template, as the server then holds it. */
export function revisionOf(set: DaemonSet, number = 1): ControllerRevision {
  const { deletionTimestamp: _, ...metadata } = set.metadata
  const plan = reconcileDaemonSet({ ...set, metadata }, { ...EMPTY, nowMs: NOW_MS })
  const create = plan.actions.find((action) => action.do === 'createRevision')
  if (create?.do !== 'createRevision') throw new Error('the DaemonSet has its revision')
  const { data } = create.revision
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      ...meta(create.revision.metadata.name ?? ''),
      ...create.revision.metadata,
    } as ControllerRevision['metadata'],
    data: data as ControllerRevision['data'],
    revision: number,
  }
}

const EMPTY: Omit<DaemonSetWorld, 'nowMs'> = {
  nodes: [],
  pods: [],
  revisions: [],
  isCacheFresh: true,
  failedBackOffMs: () => 0,
}

export const hashOf = (revision: ControllerRevision): string =>
  revision.metadata.labels?.['controller-revision-hash'] ?? ''

/** A pod of the DaemonSet's template on a node. */
export function daemon(name: string, set: DaemonSet, traits: PodTraits & { node: string }): Pod {
  const hash = hashOf(revisionOf(set))
  return pod(name, { owner: set, readySince: 0, ...traits, labels: { app: 'ssd', 'controller-revision-hash': hash } })
}

/** The same before the scheduler has bound it. */
export function unbound(name: string, set: DaemonSet, nodeName: string): Pod {
  const made = daemon(name, set, { node: nodeName, phase: 'Pending' })
  const draft = podForNode(set, nodeName, hashOf(revisionOf(set)))
  return { ...made, spec: draft.spec as Pod['spec'], status: { phase: 'Pending' } as Pod['status'] }
}

export const plan = (set: DaemonSet, world: Partial<DaemonSetWorld>) =>
  reconcileDaemonSet(set, { ...EMPTY, nowMs: NOW_MS, ...world })

/** A plan's actions on pods by name, those of failed pods after `replace`. */
export function shown(actions: readonly DaemonSetAction[]): Record<string, readonly string[]> {
  const result: Record<string, readonly string[]> = {}
  for (const action of actions) {
    if (action.do === 'createPods') result.create = action.nodeNames
    else if (action.do === 'replacePods') result.replace = action.pods.map(({ pod }) => pod.metadata.name)
    else if (action.do === 'deletePods') result.delete = action.pods.map(({ metadata }) => metadata.name)
    else if (action.do === 'adoptPods') result.adopt = action.pods.map(({ metadata }) => metadata.name)
    else if (action.do === 'releasePods') result.release = action.pods.map(({ metadata }) => metadata.name)
  }
  return result
}

export interface World {
  nodes: readonly Node[]
  pods: readonly Pod[]
  revisions: readonly ControllerRevision[]
}

let serial = 0

/** The world after a plan, as the API server and the scheduler would make it. Deleted pods go in the next turn. */
export function applied(set: DaemonSet, world: World, actions: readonly DaemonSetAction[]): World {
  let { pods, revisions } = world
  const without = (gone: readonly { metadata: { uid: string } }[]) => {
    const uids = new Set(gone.map(({ metadata }) => metadata.uid))
    return (object: { metadata: { uid: string } }) => !uids.has(object.metadata.uid)
  }
  for (const action of actions) {
    if (action.do === 'createRevision')
      revisions = [...revisions, { ...revisionOf(set), revision: action.revision.revision! }]
    if (action.do === 'renumberRevision')
      revisions = [...revisions.filter(without([action.revision])), { ...action.revision, revision: action.number }]
    if (action.do === 'deleteRevisions') revisions = revisions.filter(without(action.revisions))
    if (action.do === 'deletePods') pods = pods.filter(without(action.pods))
    if (action.do === 'replacePods') pods = pods.filter(without(action.pods.map(({ pod }) => pod)))
    if (action.do === 'createPods')
      pods = [...pods, ...action.nodeNames.map((node) => daemon(`new-${++serial}`, set, { node, readySince: 99 }))]
    if (action.do === 'adoptPods')
      pods = pods.map((pod) =>
        action.pods.includes(pod)
          ? { ...pod, metadata: { ...pod.metadata, ownerReferences: [controllerRef(set)] } }
          : pod,
      )
    if (action.do === 'releasePods')
      pods = pods.map((pod) =>
        action.pods.includes(pod) ? { ...pod, metadata: { ...pod.metadata, ownerReferences: [] } } : pod,
      )
  }
  return { ...world, pods, revisions }
}
