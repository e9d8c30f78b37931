/** Removes what has lost its owners, and sees to it that owners go after, or without, their dependents as was asked. */
import type { KubeObject } from '../../shared/api/kind.ts'
import { type DiscoveredResource, discoverResources } from '../../shared/client/discovery.ts'
import { pathOf } from '../../shared/client/resource.ts'
import { delay } from '../../shared/clock.ts'
import { createBackOff } from '../../shared/controller/back-off.ts'
import { DONE, perform } from '../../shared/controller/plan.ts'
import { runController, type Sync } from '../../shared/controller/run-controller.ts'
import { createWorkQueue, type WorkQueue } from '../../shared/controller/work-queue.ts'
import { isApiError } from '../../shared/errors.ts'
import type { EventRecorder } from '../../shared/events/recorder.ts'
import type { ControllerContext, StartController } from '../context.ts'
import { foreignOwnerMessage, foreignOwners, subjectOf } from './foreign-owners.ts'
import {
  createGraph,
  type Graph,
  type GraphNode,
  isWaitingForDependents,
  isWaitingForOrphans,
  nodeOf,
} from './graph.ts'
import { createOwnerResolver, resourceFinder } from './owners.ts'
import { gcExecutors } from './perform.ts'
import { reconcileOwnership } from './reconcile.ts'

const NAME = 'garbage-collector-controller'
/** When to look again at an object whose owner exists but is in nobody's watch. */
const UNSEEN_OWNER_MS = 30_000
const RETRY_MIN_MS = 50
const RETRY_MAX_MS = 5_000

/** Events belong to nobody, and there are many. */
const isCollected = ({ plural, verbs }: DiscoveredResource) =>
  plural !== 'events' && ['delete', 'list', 'watch'].every((verb) => verbs.includes(verb))

/** Keeps the graph up to date, and puts into the queue what a change may have consequences for. */
function follow(graph: Graph, queue: WorkQueue, events: EventRecorder) {
  const enqueue = ({ uid }: { uid: string }) => queue.add(uid)

  const mayLackOwner = ({ owners }: GraphNode) =>
    owners.some(({ uid }) => {
      const owner = graph.get(uid)
      return owner === undefined || isWaitingForDependents(owner)
    })

  function put(node: GraphNode): void {
    const old = graph.put(node)
    for (const foreign of foreignOwners(graph, node, old))
      events.event(subjectOf(foreign.dependent), 'Warning', 'OwnerRefInvalidNamespace', foreignOwnerMessage(foreign))
    if (isWaitingForDependents(node) || isWaitingForOrphans(node) || mayLackOwner(node)) enqueue(node)
    // An owner that waits for its dependents may have lost the last one, or one that blocked it.
    for (const { uid } of old?.owners ?? []) {
      const owner = graph.get(uid)
      if (owner !== undefined && isWaitingForDependents(owner)) enqueue(owner)
    }
  }

  function remove(node: GraphNode): void {
    graph.remove(node.uid)
    for (const dependent of graph.dependentsOf(node.uid)) enqueue(dependent)
    for (const owner of node.owners) enqueue(owner)
  }
  return { put, remove }
}

export const startGarbageCollector: StartController = async (context) => {
  const { client, clock, informers, logger, options, signal } = context
  const graph = createGraph()
  const queue = createWorkQueue({ clock })
  const changes = follow(graph, queue, context.recorder(NAME))
  /** What is watched, by its path, and how to end that. */
  const watched = new Map<string, () => void>()
  let resources: readonly DiscoveredResource[] = []

  function watch(resource: DiscoveredResource): Promise<void> | undefined {
    const path = pathOf(resource)
    if (watched.has(path)) return undefined
    const put = (object: KubeObject) => changes.put(nodeOf(resource, object))
    const informer = informers.getMetadata(resource)
    const unsubscribe = informer.subscribe({
      add: put,
      update: (_old, object) => put(object),
      delete: (object) => changes.remove(nodeOf(resource, object)),
    })
    watched.set(path, () => {
      unsubscribe()
      informers.forgetMetadata(resource)
      // They are out of sight, not gone: what they own is looked at again and again until their kind is back.
      for (const object of informer.store.list()) changes.remove(nodeOf(resource, object))
    })
    return informer.synced
  }

  /** Ends the watches of what is served no longer. */
  function unwatchMissing(served: readonly DiscoveredResource[]): void {
    const paths = new Set(served.map((resource) => pathOf(resource)))
    for (const [path, unwatch] of watched) {
      if (paths.has(path)) continue
      watched.delete(path)
      unwatch()
    }
  }

  /** Learns what the server serves and watches what is new. */
  async function discover(): Promise<void> {
    resources = await discoverResources(client)
    unwatchMissing(resources)
    await Promise.all(resources.filter(isCollected).map(watch))
  }

  await untilItWorks(context, discover)
  if (signal.aborted) return

  const ownersOf = createOwnerResolver({ client, graph, resourceFor: resourceFinder(() => resources) })
  const sync: Sync = async (uid) => {
    const node = graph.get(uid)
    if (node === undefined) return DONE
    const owners = await ownersOf(node)
    const { actions } = reconcileOwnership(node, { dependents: graph.dependentsOf(uid), stateOf: owners.stateOf })
    await perform(
      actions,
      gcExecutors(client, node, (dependent) => queue.add(dependent.uid)),
    )
    return owners.hasUnseen ? { requeueAfterMs: UNSEEN_OWNER_MS } : DONE
  }

  async function rediscover(): Promise<void> {
    while (!signal.aborted) {
      // An abort ends the wait, and with it the loop.
      await delay(clock, options['garbage-collector-discovery-period'], signal).catch(() => undefined)
      if (!signal.aborted) await untilItWorks(context, discover)
    }
  }
  const workers = options['concurrent-gc-syncs']
  await Promise.all([rediscover(), runController({ name: NAME, queue, sync, workers, logger, signal })])
}

/** Tries again, with a growing pause, while the server is not to be reached. */
async function untilItWorks(
  { clock, logger, signal }: Pick<ControllerContext, 'clock' | 'logger' | 'signal'>,
  action: () => Promise<void>,
): Promise<void> {
  const backOff = createBackOff({ minMs: RETRY_MIN_MS, maxMs: RETRY_MAX_MS })
  while (!signal.aborted) {
    try {
      return await action()
    } catch (error) {
      if (!isApiError(error)) throw error
      logger.debug({ error: error.message }, 'Discovery failed')
    }
    await delay(clock, backOff.nextMs(), signal).catch(() => undefined)
  }
}
