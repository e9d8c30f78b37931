/** Pods and nodes for the scheduler's tests: only what a test is about needs to be said. */

import { createClusterState } from '../../scheduler/cluster-state.ts'
import type { NodeInfo, PodInfo } from '../../scheduler/framework.ts'
import { describePod } from '../../scheduler/pod-info.ts'
import type { Node } from '../../shared/api/node/node-model.ts'
import type { Pod } from '../../shared/api/pod/pod-model.ts'

export interface PodDraft extends Partial<Pod['spec']> {
  name?: string
  /** UID of its managing controller. */
  owner?: string
  /** Requests of its one container. */
  requests?: Record<string, string>
  /** Host ports of its one container. */
  hostPorts?: number[]
}

export function makePod({ name = 'pod', owner, requests, hostPorts, ...spec }: PodDraft = {}): Pod {
  const controller = { apiVersion: 'v1', kind: 'ReplicationController', name: 'rc', uid: owner ?? '', controller: true }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
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
}

export const makeNode = ({ name = 'node-1', labels = {}, allocatable, ...spec }: NodeDraft = {}): Node =>
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
    status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110', ...allocatable } },
  }) as Node

export const podInfo = (draft: PodDraft = {}): PodInfo => describePod(makePod(draft))

/** Nodes as the cycle sees them, with the given pods on them. */
export function nodeInfos(...drafts: (NodeDraft & { pods?: PodDraft[] })[]): readonly NodeInfo[] {
  const state = createClusterState()
  drafts.forEach(({ pods = [], ...draft }, index) => {
    const node = makeNode({ name: `node-${index + 1}`, ...draft })
    state.setNode(node)
    pods.forEach((pod, position) => {
      state.place(podInfo({ name: `on-${node.metadata.name}-${position}`, ...pod }), node.metadata.name)
    })
  })
  return state.nodes()
}
