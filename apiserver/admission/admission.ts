/**
 * Admission: what may still change or refuse a write between decoding and validation. Each plugin is a pure function of
 * the request and of what the server knows; it changes the request's own object in place, or throws an ApiError.
 */
import type { Kind, KubeObject } from '../../shared/api/kind.ts'
import type { LimitRange } from '../../shared/api/limit-range.ts'
import type { Namespace } from '../../shared/api/namespace.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { PriorityClass } from '../../shared/api/priority-class.ts'
import type { ClusterRole } from '../../shared/api/rbac/cluster-role.ts'
import type { Role } from '../../shared/api/rbac/role.ts'
import type { ServiceAccount } from '../../shared/api/service-account.ts'
import { forbidden } from '../../shared/errors.ts'
import type { Authorizer } from '../auth/authorize.ts'
import type { Identity } from '../auth/identity.ts'

export type Operation = 'create' | 'update' | 'delete'

export interface AdmissionRequest {
  operation: Operation
  kind: Kind
  subresource?: string
  /** Absent for cluster-scoped kinds. */
  namespace?: string
  /** Empty for a create by `generateName`. */
  name: string
  /** The object as it is to be written; absent for deletions. Belongs to the request. */
  object?: KubeObject
  /** The object before an update or a deletion. Shared: never changed in place. */
  old?: KubeObject
  identity: Identity
  /** Whether the client has asked for an update, of what is not there. */
  isUpdate?: true
}

export interface AdmissionConfig {
  /** Seconds that pods stay on a node which is not ready, where they do not say. */
  notReadyTolerationSeconds: number
  /** Seconds that pods stay on a node which does not answer, where they do not say. */
  unreachableTolerationSeconds: number
  /** Whether pods get a token of their account, where neither they nor the account say. */
  mountsAccountTokens: boolean
}

/** What plugins may know beside the request. */
export interface AdmissionWorld {
  config: AdmissionConfig
  namespace(name: string): Namespace | undefined
  priorityClass(name: string): PriorityClass | undefined
  priorityClasses(): readonly PriorityClass[]
  limitRanges(namespace: string): readonly Readonly<LimitRange>[]
  serviceAccount(namespace: string, name: string): Readonly<ServiceAccount> | undefined
  /** What makes a generated name unique. */
  newNameSuffix(): string
  pod(namespace: string, name: string): Readonly<Pod> | undefined
  clusterRole(name: string): Readonly<ClusterRole> | undefined
  role(namespace: string, name: string): Readonly<Role> | undefined
  authorizer: Authorizer
}

export interface AdmissionPlugin {
  /** Upstream's name of the plugin. */
  name: string
  admit(request: AdmissionRequest, world: AdmissionWorld): void
}

/** Whether a request writes an object of a kind itself, not one of its subresources. */
export const writes = (request: AdmissionRequest, { group, kind }: { group: string; kind: string }): boolean =>
  request.kind.group === group && request.kind.kind === kind && request.subresource === undefined

/** A refusal that names the object as upstream does: by name, else by `generateName`. */
export function refuse({ kind, name, object }: AdmissionRequest, detail: string) {
  const shown = name !== '' ? name : (object?.metadata.generateName ?? 'Unknown')
  return forbidden({ group: kind.group, resource: kind.plural, name: shown }, detail)
}
