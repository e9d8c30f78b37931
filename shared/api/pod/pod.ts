import type { Kind } from '../kind.ts'
import { podDefaults } from './defaults.ts'
import { deletionGraceSeconds } from './deletion-grace.ts'
import { prepareForCreate, prepareForStatusUpdate } from './lifecycle-hooks.ts'
import { podColumns } from './pod-columns.ts'
import { Pod } from './pod-model.ts'
import { podSelectableFields } from './selectable-fields.ts'
import { validateNewPod, validatePod } from './validation/pod.ts'
import { validatePodStatusUpdate } from './validation/pod-status.ts'
import { validatePodUpdate } from './validation/pod-update.ts'
import { volumeWarnings } from './volume-warnings.ts'

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

export const pod: Kind<Pod> = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  schema: Pod,
  hasStatus: true,
  hasGeneration: true,
  defaults: podDefaults,
  prepareForCreate,
  prepareForStatusUpdate,
  validate: validatePod,
  validateCreate: validateNewPod,
  validateUpdate: validatePodUpdate,
  validateStatusUpdate: validatePodStatusUpdate,
  columns: podColumns,
  selectableFields: podSelectableFields,
  deletionGraceSeconds,
  returnsDeleted: true,
  warningsOnCreate: ({ spec }) => volumeWarnings(spec),
}
