/**
 * Keeps the machine's routes to the pods of the other nodes. Pods keep their own address on the way: without that, a pod
 * would see the other's node instead of the other.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Node } from '../../shared/api/node/node.ts'
import type { Client } from '../../shared/client/client.ts'
import { nodes } from '../../shared/client/resources.ts'
import { type Clock, withinMs } from '../../shared/clock.ts'
import { createInformer } from '../../shared/controller/informer.ts'
import type { Logger } from '../../shared/log.ts'
import { planRoutes, type Route } from './plan-routes.ts'

/** Marks the routes as ours among the machine's (`/etc/iproute2/rt_protos` leaves the number free). */
const PROTOCOL = '75'

const run = promisify(execFile)
const ip = async (...words: string[]) => (await run('ip', words)).stdout

/** How often the machine is looked at without a cause: an interface that goes takes its routes along, and says so to nobody. */
const CHECK_EVERY_MS = 10_000
/** How soon a route that could not be set is tried again. */
const RETRY_MS = 1_000

/** Our routes as the machine has them now, those of an earlier kubelet included. */
async function presentRoutes(): Promise<Route[]> {
  const routes = JSON.parse((await ip('-json', '-4', 'route', 'show', 'proto', PROTOCOL)) || '[]')
  return (routes as { dst: string; gateway: string }[]).map(({ dst, gateway }) => ({ podCidr: dst, via: gateway }))
}

/** The packet filter's exception from the rule that everything else leaves under the machine's own address. */
const exception = (own: string, { podCidr }: Route) => ['-s', own, '-d', podCidr, '-j', 'ACCEPT']

export interface RoutesOptions {
  client: Client
  clock: Clock
  logger: Logger
  node: { name: string; ip: string; podCidr: string }
}

/** Follows the nodes until the signal aborts, and then takes the routes away: the machine may go on without the node. A route that cannot be set is logged, and tried again. */
export async function keepRoutes({ client, clock, logger, node }: RoutesOptions, signal: AbortSignal): Promise<void> {
  const informer = createInformer<Node>({ client, resource: nodes, clock, logger })
  let changed = Promise.withResolvers<void>()
  const tell = () => {
    changed.resolve()
    changed = Promise.withResolvers()
  }

  /** A machine without `iptables` rewrites no addresses, so it needs no exception. */
  const filter = (verb: '-C' | '-I' | '-D', route: Route) =>
    run('iptables', ['-w', '-t', 'nat', verb, 'POSTROUTING', ...exception(node.podCidr, route)])

  /** The exception comes first: a connection keeps the address that its first packet leaves with. */
  async function add(route: Route): Promise<void> {
    await filter('-C', route).catch(() => filter('-I', route).catch(() => undefined))
    await ip('route', 'replace', route.podCidr, 'via', route.via, 'proto', PROTOCOL)
    logger.info({ podCidr: route.podCidr, via: route.via }, 'Route to the pods of a node')
  }

  async function remove(route: Route): Promise<void> {
    // Somebody else may have removed it.
    await ip('route', 'del', route.podCidr, 'proto', PROTOCOL).catch(() => undefined)
    await filter('-D', route).catch(() => undefined)
  }

  let isComplete = true

  /** Makes the routes what the nodes ask for. What cannot be set is said once, not with every try. */
  async function setRoutes(): Promise<void> {
    const level = isComplete ? 'warn' : 'debug'
    let present: readonly Route[]
    try {
      present = await presentRoutes()
    } catch (error) {
      isComplete = false
      logger[level]({ error: String(error) }, 'Routes cannot be read')
      return
    }
    const plan = planRoutes({ nodes: informer.store.list(), present }, node)
    for (const route of plan.remove) await remove(route)
    isComplete = true
    for (const route of plan.add) {
      await add(route).catch((error) => {
        isComplete = false
        logger[level]({ ...route, error: String(error) }, 'Route cannot be set')
      })
    }
  }

  let setting: Promise<void> | undefined

  async function follow(): Promise<void> {
    await informer.synced
    while (!signal.aborted) {
      // Taken before the nodes are read: a change that comes while routes are set is not missed.
      const next = changed.promise
      setting = setRoutes()
      await setting
      await withinMs(clock, isComplete ? CHECK_EVERY_MS : RETRY_MS, next)
    }
  }

  signal.addEventListener('abort', tell, { once: true })
  informer.subscribe({ add: tell, update: tell, delete: tell })
  try {
    await Promise.all([informer.run(signal), follow()])
  } finally {
    await setting
    if (signal.aborted) for (const route of await presentRoutes().catch(() => [])) await remove(route)
  }
}
