/** Sees to it that every namespace has the service account that its pods use by default. */
import type { Namespace } from '../../shared/api/namespace.ts'
import { serviceAccounts as accountResource, namespaces as namespaceResource } from '../../shared/client/resources.ts'
import { DONE } from '../../shared/controller/plan.ts'
import { runController, type Sync } from '../../shared/controller/run-controller.ts'
import { createWorkQueue } from '../../shared/controller/work-queue.ts'
import { isApiError } from '../../shared/errors.ts'
import type { StartController } from '../context.ts'

const NAME = 'serviceaccount-controller'
const DEFAULT_ACCOUNT = 'default'

export const startServiceAccountController: StartController = async ({
  client,
  clock,
  informers,
  logger,
  options,
  signal,
}) => {
  const namespaces = informers.get(namespaceResource)
  const accounts = informers.get(accountResource)
  await Promise.all([namespaces.synced, accounts.synced])
  const queue = createWorkQueue({ clock })
  const enqueue = ({ metadata }: Namespace) => queue.add(metadata.name)
  namespaces.subscribe({ add: enqueue, update: (_old, namespace) => enqueue(namespace) })
  accounts.subscribe({ delete: ({ metadata }) => queue.add(metadata.namespace ?? '') })

  const sync: Sync = async (namespace) => {
    const found = namespaces.store.get(namespace)
    if (found === undefined || found.metadata.deletionTimestamp !== undefined) return DONE
    if (accounts.store.get(`${namespace}/${DEFAULT_ACCOUNT}`) !== undefined) return DONE
    const metadata = { name: DEFAULT_ACCOUNT, namespace }
    try {
      await client.create(accountResource, { apiVersion: 'v1', kind: 'ServiceAccount', metadata })
    } catch (error) {
      // Made by somebody else, or no longer needed.
      if (!isApiError(error, 'AlreadyExists', 'NotFound')) throw error
    }
    return DONE
  }
  await runController({
    name: NAME,
    queue,
    sync,
    workers: options['concurrent-serviceaccount-syncs'],
    logger,
    signal,
  })
}
