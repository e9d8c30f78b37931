/** Makers of objects for tables: what a test does not mention is as plain as can be. */
import type { KubeObject } from '../../shared/api/kind.ts'
import type { Node, NodeCondition, Taint } from '../../shared/api/node/node.ts'
import type { Pod, Toleration } from '../../shared/api/pod/pod.ts'
import type { PodTemplateSpec } from '../../shared/api/pod-template.ts'
import { toTime } from '../../shared/clock.ts'
import { controllerRef } from '../../shared/controller/controller-refs.ts'

/** The instant at which tables begin: that of the fake clock. */
export const START_MS = Date.parse('2026-01-01T00:00:00Z')
export const at = (seconds: number): string => toTime(START_MS + seconds * 1_000)

export const meta = (name: string, more: Partial<KubeObject['metadata']> = {}): KubeObject['metadata'] => ({
  name,
  namespace: 'default',
  uid: `uid-${name}`,
  resourceVersion: '1',
  creationTimestamp: at(0),
  ...more,
})

export interface PodTraits {
  labels?: Record<string, string>
  owner?: KubeObject
  node?: string
  phase?: 'Failed' | 'Pending' | 'Running' | 'Succeeded' | 'Unknown'
  /** Since when it is ready, in seconds from the start. */
  readySince?: number
  createdAt?: number
  deletedAt?: number
  restarts?: number
  deletionCost?: string
  tolerations?: Toleration[]
  namespace?: string
}

export function pod(name: string, traits: PodTraits = {}): Pod {
  const { labels = { app: 'kubia' }, owner, node, phase = 'Running', readySince, createdAt = 0, deletedAt } = traits
  const metadata = meta(name, {
    labels,
    creationTimestamp: at(createdAt),
    ...(traits.namespace !== undefined && { namespace: traits.namespace }),
    ...(owner !== undefined && { ownerReferences: [controllerRef(owner)] }),
    ...(deletedAt !== undefined && { deletionTimestamp: at(deletedAt) }),
    ...(traits.deletionCost !== undefined && {
      annotations: { 'controller.kubernetes.io/pod-deletion-cost': traits.deletionCost },
    }),
  })
  const ready = { type: 'Ready', status: 'True' as const, lastTransitionTime: at(readySince ?? 0) }
  const restartCount = traits.restarts ?? 0
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: {
      containers: [],
      ...(node !== undefined && { nodeName: node }),
      ...(traits.tolerations !== undefined && { tolerations: traits.tolerations }),
    } as unknown as Pod['spec'],
    status: {
      phase,
      containerStatuses: [{ name: 'main', restartCount }],
      ...(readySince !== undefined && { conditions: [ready] }),
    } as unknown as Pod['status'],
  }
}

/** A template whose pods have these labels. */
export const template = (labels: Record<string, string> = { app: 'kubia' }): PodTemplateSpec => ({
  metadata: { labels },
  spec: { containers: [] } as unknown as PodTemplateSpec['spec'],
})

export interface NodeTraits {
  labels?: Record<string, string>
  conditions?: NodeCondition[]
  taints?: Taint[]
  unschedulable?: boolean
  createdAt?: number
}

export const node = (
  name: string,
  { labels, conditions, taints, unschedulable, createdAt = 0 }: NodeTraits = {},
): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name,
    uid: `uid-${name}`,
    resourceVersion: '1',
    creationTimestamp: at(createdAt),
    ...(labels !== undefined && { labels }),
  },
  spec: { ...(taints !== undefined && { taints }), ...(unschedulable !== undefined && { unschedulable }) },
  status: { ...(conditions !== undefined && { conditions }) },
})
