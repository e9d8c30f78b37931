import type { Kind } from '../kind.ts'
import type { Pod } from './pod-model.ts'

export type {
  Affinity,
  NodeAffinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
} from './affinity.ts'
export type { Container, ContainerPort, EphemeralContainer } from './container.ts'
export type { ContainerState, ContainerStateTerminated, ContainerStatus } from './container-status.ts'
export type { EnvFromSource, EnvVar, EnvVarSource } from './environment.ts'
export type { Lifecycle, LifecycleHandler } from './lifecycle.ts'
export type { PodSpec } from './pod-spec.ts'
export type { PodCondition, PodStatus } from './pod-status.ts'
export type { ExecAction, GRPCAction, HTTPGetAction, Probe, TCPSocketAction } from './probe.ts'
export type {
  ConfigMapKeySelector,
  LocalObjectReference,
  ObjectFieldSelector,
  ResourceFieldSelector,
  SecretKeySelector,
} from './references.ts'
export type { ResourceList, ResourceRequirements } from './resources.ts'
export type { Toleration, TopologySpreadConstraint } from './scheduling.ts'
export type { PodSecurityContext, SecurityContext } from './security-context.ts'
export type { Volume } from './volume.ts'
export type { VolumeMount } from './volume-mount.ts'
export type { DownwardAPIVolumeFile, KeyToPath, ProjectedVolumeSource, VolumeProjection } from './volume-projections.ts'
export type {
  ConfigMapVolumeSource,
  DownwardAPIVolumeSource,
  EmptyDirVolumeSource,
  HostPathVolumeSource,
  SecretVolumeSource,
} from './volume-sources.ts'
export type { Pod }
