/** Pods and nodes for the scheduler's tests: only what a test is about needs to be said. */

import type { NodeInfo, PodInfo } from '../../scheduler/framework.ts'
import { describePod } from '../../scheduler/pod-info.ts'
import { type ClusterState, createClusterState } from '../../scheduler/state/cluster-state.ts'
import type { Node } from '../../shared/api/node/node-model.ts'
import type { Pod } from '../../shared/api/pod/pod-model.ts'

export interface PodDraft extends Partial<Pod['spec']> {
  name?: string
  namespace?: string
  labels?: Record<string, string>
  /** UID of its managing controller. */
  owner?: string
  /** Requests of its one container. */
  requests?: Record<string, string>
  /** Host ports of its one container. */
  hostPorts?: number[]
}

export function makePod(draft: PodDraft = {}): Pod {
  const { name = 'pod', namespace = 'default', labels = {}, owner, requests, hostPorts, ...spec } = draft
  const controller = { apiVersion: 'v1', kind: 'ReplicationController', name: 'rc', uid: owner ?? '', controller: true }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      labels,
      uid: `uid-${name}`,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...(owner !== undefined && { ownerReferences: [controller] }),
    },
    spec: {
      schedulerName: 'default-scheduler',
      containers: [
        {
          name: 'main',
          ...(requests !== undefined && { resources: { requests } }),
          ...(hostPorts !== undefined && {
            ports: hostPorts.map((hostPort) => ({ containerPort: hostPort, hostPort, protocol: 'TCP' as const })),
          }),
        },
      ],
      ...spec,
    },
    status: {},
  } as Pod
}

export interface NodeDraft extends Partial<Node['spec']> {
  name?: string
  labels?: Record<string, string>
  allocatable?: Record<string, string>
  images?: Node['status']['images']
}

export const makeNode = ({ name = 'node-1', labels = {}, allocatable, images, ...spec }: NodeDraft = {}): Node =>
  ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      uid: `uid-${name}`,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { 'kubernetes.io/hostname': name, ...labels },
    },
    spec,
    status: {
      allocatable: { cpu: '4', memory: '8Gi', pods: '110', ...allocatable },
      ...(images !== undefined && { images }),
    },
  }) as Node

export const podInfo = (draft: PodDraft = {}): PodInfo => describePod(makePod(draft))

/** Node-1, node-2 … as the cycle sees them, with the given pods on them, in the given namespaces. */
export function cluster(
  drafts: readonly (NodeDraft & { pods?: PodDraft[] })[],
  namespaces: Readonly<Record<string, Record<string, string>>> = {},
): ClusterState {
  const state = createClusterState()
  for (const [name, labels] of Object.entries(namespaces)) state.setNamespace(name, labels)
  drafts.forEach(({ pods = [], ...draft }, index) => {
    const node = makeNode({ name: `node-${index + 1}`, ...draft })
    state.setNode(node)
    pods.forEach((pod, position) => {
      state.place(podInfo({ name: `on-${node.metadata.name}-${position}`, ...pod }), node.metadata.name)
    })
  })
  return state
}

/** The nodes by name, whatever their zones. */
export const nodesByName = (state: ClusterState): NodeInfo[] =>
  state.nodes.toSorted((a, b) => (a.name < b.name ? -1 : 1))
