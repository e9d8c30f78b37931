/** Sees to it, at the start, that the roles and bindings of every cluster are there. */
import type { Draft, KubeObject } from '../../shared/api/kind.ts'
import type { ClusterRole } from '../../shared/api/rbac/cluster-role.ts'
import type { ClusterRoleBinding } from '../../shared/api/rbac/cluster-role-binding.ts'
import { isApiError } from '../../shared/errors.ts'
import { bootstrapBindings, bootstrapRoles } from '../auth/bootstrap-policy/bootstrap-policy.ts'
import {
  bindingDraft,
  type Outcome,
  reconcileBinding,
  reconcileRole,
  roleDrafts,
} from '../auth/bootstrap-policy/reconcile-policy.ts'
import { API_SERVER } from '../auth/identity.ts'
import { decodeValue } from '../codec/decode.ts'
import { createObject } from './create.ts'
import { deleteObject } from './delete.ts'
import { WHOLE } from './prepare-update.ts'
import { replaceObject } from './replace.ts'
import { cacheKeyOf, type Resource, type Target } from './resource.ts'

const WRITE = { identity: API_SERVER, manager: 'kube-apiserver', dryRun: false }

async function create(resource: Resource, target: Target, draft: object): Promise<void> {
  const { object } = decodeValue(draft, resource.kind, { fieldValidation: 'Strict' })
  const { namespace } = target
  try {
    await createObject(resource, object as KubeObject, { ...WRITE, ...(namespace !== undefined && { namespace }) })
  } catch (error) {
    // Another API server on the same store has made it meanwhile.
    if (!isApiError(error, 'AlreadyExists')) throw error
  }
}

async function perform(
  resource: Resource,
  target: Target,
  outcome: Outcome<ClusterRole | ClusterRoleBinding>,
): Promise<void> {
  switch (outcome.do) {
    case 'nothing':
      return
    case 'create':
      return create(resource, target, outcome.object)
    case 'replace':
      await deleteObject(resource, target, { ...WRITE, options: {} })
      return create(resource, target, outcome.object)
    case 'update': {
      const { object } = outcome
      // What another API server writes meanwhile is the same.
      const metadata = { ...object.metadata, resourceVersion: '' }
      await replaceObject(resource, target, {
        ...WRITE,
        part: WHOLE,
        make: () => structuredClone({ ...object, metadata }),
      })
    }
  }
}

function reconcile<Object extends ClusterRole | ClusterRoleBinding>(
  resource: Resource,
  draft: Draft<Object>,
  decide: (draft: Draft<Object>, found: Object | undefined) => Outcome<ClusterRole | ClusterRoleBinding>,
): Promise<void> {
  const { name = '', namespace } = draft.metadata as { name?: string; namespace?: string }
  const target = { name, ...(namespace !== undefined && { namespace }) }
  const found = resource.cache.get(cacheKeyOf(target))?.object as Object | undefined
  return perform(resource, target, decide(draft, found))
}

export type PolicyResources = Record<'clusterRoles' | 'clusterRoleBindings' | 'roles' | 'roleBindings', Resource>

/** All at once: the store takes what is written together as one commit. */
export async function reconcileBootstrapPolicy(resources: PolicyResources): Promise<void> {
  const { clusterRoles, clusterRoleBindings, roles, roleBindings } = resources
  await Promise.all([
    ...roleDrafts(bootstrapRoles).map((draft) =>
      reconcile(draft.metadata.namespace === undefined ? clusterRoles : roles, draft, reconcileRole),
    ),
    ...bootstrapBindings
      .map(bindingDraft)
      .map((draft) =>
        reconcile(draft.metadata.namespace === undefined ? clusterRoleBindings : roleBindings, draft, reconcileBinding),
      ),
  ])
}
