/** The words in which the roles of every cluster are written down. Pure. */
import type { PolicyRule } from '../../../shared/api/rbac/policy-rule.ts'

export interface BootstrapRole {
  name: string
  /** Absent: a ClusterRole. */
  namespace?: string
  labels?: Readonly<Record<string, string>>
  /** Present where the role is made of all roles with this label. */
  aggregates?: string
  rules?: readonly PolicyRule[]
}

export interface BootstrapSubject {
  kind: 'User' | 'Group' | 'ServiceAccount'
  name: string
  namespace?: string
}

export interface BootstrapBinding {
  name: string
  /** Absent: a ClusterRoleBinding. */
  namespace?: string
  role: { kind: 'ClusterRole' | 'Role'; name: string }
  subjects: readonly BootstrapSubject[]
}

export const CORE = ''
export const EVENTS = 'events.k8s.io'
export const AUTHENTICATION = 'authentication.k8s.io'
export const AUTHORIZATION = 'authorization.k8s.io'
export const CERTIFICATES = 'certificates.k8s.io'
export const COORDINATION = 'coordination.k8s.io'

/** Often used together. */
export const READ = 'get list watch'
export const WRITE = 'create delete deletecollection patch update'

const words = (text: string) => text.split(' ')

/** Verbs on resources of some groups (default: the core group); words are separated by spaces. */
export const may = (
  verbs: string,
  resources: string,
  groups: string | readonly string[] = CORE,
  ...resourceNames: string[]
): PolicyRule => ({
  verbs: words(verbs),
  apiGroups: typeof groups === 'string' ? [groups] : [...groups],
  resources: words(resources),
  ...(resourceNames.length > 0 && { resourceNames }),
})

/** A read of paths that are no resources. */
export const mayRead = (paths: string): PolicyRule => ({ verbs: ['get'], nonResourceURLs: words(paths) })

export const recordsEvents: PolicyRule = may('create patch update', 'events', [CORE, EVENTS])

export const user = (name: string): BootstrapSubject => ({ kind: 'User', name })
export const group = (name: string): BootstrapSubject => ({ kind: 'Group', name })
export const account = (name: string): BootstrapSubject => ({ kind: 'ServiceAccount', name, namespace: 'kube-system' })
