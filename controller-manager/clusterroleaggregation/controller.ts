/** Keeps the rules of roles that are made of others: `admin`, `edit` and `view`, and those of users. */
import type { ClusterRole } from '../../shared/api/rbac/cluster-role.ts'
import { clusterRoles } from '../../shared/client/resources.ts'
import { DONE } from '../../shared/controller/plan.ts'
import { runController, type Sync } from '../../shared/controller/run-controller.ts'
import { createWorkQueue } from '../../shared/controller/work-queue.ts'
import { isApiError } from '../../shared/errors.ts'
import { aggregatedRules, sameRules } from '../../shared/rbac/aggregate.ts'
import type { StartController } from '../context.ts'

const NAME = 'clusterrole-aggregation-controller'
/** Upstream's: there are few such roles, and they change rarely. */
const WORKERS = 5

export const startClusterRoleAggregation: StartController = async ({ client, clock, informers, logger, signal }) => {
  const roles = informers.get(clusterRoles)
  await roles.synced
  const queue = createWorkQueue({ clock })
  const all = () => [...roles.store.list()] as ClusterRole[]
  // Any role may be a part of any other.
  const enqueueAll = () => {
    for (const { metadata, aggregationRule } of all()) if (aggregationRule !== undefined) queue.add(metadata.name)
  }
  roles.subscribe({ add: enqueueAll, update: enqueueAll, delete: enqueueAll })

  const sync: Sync = async (name) => {
    const role = roles.store.get(name)
    const rules = role && aggregatedRules(role as ClusterRole, all())
    if (role === undefined || rules === undefined || sameRules(role.rules, rules)) return DONE
    try {
      await client.update(clusterRoles, { ...role, rules } as ClusterRole)
    } catch (error) {
      // Deleted meanwhile; or changed, and then it comes again.
      if (!isApiError(error, 'NotFound')) throw error
    }
    return DONE
  }
  await runController({ name: NAME, queue, sync, workers: WORKERS, logger, signal })
}
