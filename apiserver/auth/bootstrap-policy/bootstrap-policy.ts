/** Every role and binding that a cluster has from the start: the list is the policy. */
import { componentRoles } from './component-roles.ts'
import { controllerRoles } from './controller-roles.ts'
import type { BootstrapRole } from './policy-words.ts'
import { userRoles } from './user-roles.ts'

export { bindings as bootstrapBindings } from './bindings.ts'

export const bootstrapRoles: readonly BootstrapRole[] = [...userRoles, ...componentRoles, ...controllerRoles]
