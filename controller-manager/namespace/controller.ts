/** Empties namespaces that are being deleted, then lets them go. */
import type { KubeObject } from '../../shared/api/kind.ts'
import type { Namespace } from '../../shared/api/namespace.ts'
import type { Client } from '../../shared/client/client.ts'
import { type DiscoveredResource, discoverResources } from '../../shared/client/discovery.ts'
import { pathOf } from '../../shared/client/resource.ts'
import { namespaces as namespaceResource } from '../../shared/client/resources.ts'
import { DONE, perform } from '../../shared/controller/plan.ts'
import { runController, type Sync } from '../../shared/controller/run-controller.ts'
import { createWorkQueue } from '../../shared/controller/work-queue.ts'
import { isApiError } from '../../shared/errors.ts'
import type { StartController } from '../context.ts'
import { isToBeEmptied, type Remainder, reconcileNamespace } from './reconcile.ts'

const NAME = 'namespace-controller'

const isEmptied = ({ namespaced, verbs }: DiscoveredResource) =>
  namespaced && verbs.includes('list') && verbs.includes('deletecollection')

/** What is left of one resource; undefined: nothing. */
async function remainderOf(
  client: Client,
  resource: DiscoveredResource,
  namespace: string,
): Promise<Remainder | undefined> {
  const { items } = await client.list(resource, { namespace, metadataOnly: true })
  if (items.length === 0) return undefined
  const finalizers: Record<string, number> = {}
  for (const { metadata } of items) {
    for (const name of metadata.finalizers ?? []) finalizers[name] = (finalizers[name] ?? 0) + 1
  }
  return {
    resource: `${resource.plural}.${resource.group}`,
    path: pathOf(resource, { namespace }),
    count: items.length,
    livingCount: items.filter(({ metadata }) => metadata.deletionTimestamp === undefined).length,
    finalizers,
  }
}

async function remaindersIn(client: Client, namespace: string): Promise<Remainder[]> {
  const resources = (await discoverResources(client)).filter(isEmptied)
  const remainders = await Promise.all(resources.map((resource) => remainderOf(client, resource, namespace)))
  return remainders.filter((remainder) => remainder !== undefined)
}

export const startNamespaceController: StartController = async ({
  client,
  clock,
  informers,
  logger,
  options,
  signal,
}) => {
  const namespaces = informers.get(namespaceResource)
  await namespaces.synced
  const queue = createWorkQueue({ clock })
  const enqueue = (namespace: Namespace) => {
    if (isToBeEmptied(namespace)) queue.add(namespace.metadata.name)
  }
  namespaces.subscribe({ add: enqueue, update: (_old, namespace) => enqueue(namespace) })

  const sync: Sync = async (name) => {
    const namespace = namespaces.store.get(name)
    if (namespace === undefined || !isToBeEmptied(namespace)) return DONE
    const plan = reconcileNamespace(namespace, await remaindersIn(client, name), clock.nowMs())
    await perform(plan.actions, executors(client, namespace))
    return plan
  }
  const workers = options['concurrent-namespace-syncs']
  await runController({ name: NAME, queue, sync, workers, logger, signal })
}

function executors(client: Client, namespace: Namespace) {
  const { name } = namespace.metadata
  return {
    async deleteCollection({ path }: { path: string }) {
      const options = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' }
      await client.request('DELETE', path, options)
    },
    async setConditions({ conditions }: { conditions: readonly unknown[] }) {
      const body = { status: { conditions } }
      await client.patch(namespaceResource, { name }, { type: 'strategic', body, subresource: 'status' })
    },
    async finalize({ finalizers }: { finalizers: readonly string[] }) {
      // The version is that of the deleted namespace whose content was looked for.
      const finalized: KubeObject & Pick<Namespace, 'spec'> = { ...namespace, spec: { finalizers: [...finalizers] } }
      try {
        await client.request('PUT', pathOf(namespaceResource, { name, subresource: 'finalize' }), finalized)
      } catch (error) {
        if (!isApiError(error, 'NotFound')) throw error
      }
    },
  }
}
