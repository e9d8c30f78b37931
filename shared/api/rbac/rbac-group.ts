import type { NameRule } from '../kind.ts'
import { validatePathSegment } from '../names.ts'

export const RBAC_GROUP = 'rbac.authorization.k8s.io'

export const rbacModel = (name: string): string => `io.k8s.api.rbac.v1.${name}`

/** What the four kinds have in common. Their names may be nearly anything: `system:node`, say. */
export const rbacKind = {
  group: RBAC_GROUP,
  version: 'v1',
  hasStatus: false,
  hasGeneration: false,
  createsOnUpdate: true,
  validateName: validatePathSegment as NameRule,
} as const
