import type { KubeObject } from '../../shared/api/kind.ts'
import type { PodTemplateSpec } from '../../shared/api/pod-template.ts'
import type { Selector } from '../../shared/labels.ts'

/** A condition of a replica controller's status. */
export interface ReplicaCondition {
  type: string
  status: string
  lastTransitionTime?: string
  reason?: string
  message?: string
}

/** What ReplicationController and ReplicaSet report alike. */
export interface ReplicaStatus {
  replicas?: number
  fullyLabeledReplicas?: number
  readyReplicas?: number
  availableReplicas?: number
  /** ReplicaSets alone report it. */
  terminatingReplicas?: number
  observedGeneration?: number
  conditions?: ReplicaCondition[]
}

/** What ReplicationController and ReplicaSet have in common; they differ in how they write their selector. */
export interface ReplicaOwner extends KubeObject {
  spec: {
    replicas: number
    minReadySeconds?: number
    template: PodTemplateSpec
  }
  status: ReplicaStatus
}

/** The selector of an owner, in the form of `shared/labels.ts`. */
export type SelectorOf<Owner extends KubeObject> = { read(owner: Owner): Selector }['read']
