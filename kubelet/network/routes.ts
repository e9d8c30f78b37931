/**
 * Keeps the machine's routes to the pods of the other nodes. Pods keep their own address on the way: without that, a pod
 * would see the other's node instead of the other.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Node } from '../../shared/api/node/node.ts'
import type { Client } from '../../shared/client/client.ts'
import { nodes } from '../../shared/client/resources.ts'
import type { Clock } from '../../shared/clock.ts'
import { createInformer } from '../../shared/controller/informer.ts'
import type { Logger } from '../../shared/log.ts'
import { planRoutes, type Route } from './plan-routes.ts'

/** Marks the routes as ours among the machine's (`/etc/iproute2/rt_protos` leaves the number free). */
const PROTOCOL = '75'

const run = promisify(execFile)
const ip = async (...words: string[]) => (await run('ip', words)).stdout

/** The routes that an earlier kubelet has left on this machine. */
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

/** Follows the nodes until the signal aborts. A route that cannot be set is logged, and tried again with the next change. */
export async function keepRoutes({ client, clock, logger, node }: RoutesOptions, signal: AbortSignal): Promise<void> {
  const informer = createInformer<Node>({ client, resource: nodes, clock, logger })
  let present = await presentRoutes()
  let isStale = false
  let working: Promise<void> | undefined

  /** A machine without `iptables` rewrites no addresses, so it needs no exception. */
  const filter = (verb: '-C' | '-I' | '-D', route: Route) =>
    run('iptables', ['-w', '-t', 'nat', verb, 'POSTROUTING', ...exception(node.podCidr, route)])

  async function add(route: Route): Promise<void> {
    await ip('route', 'replace', route.podCidr, 'via', route.via, 'proto', PROTOCOL)
    await filter('-C', route).catch(() => filter('-I', route).catch(() => undefined))
    present = [...present.filter(({ podCidr }) => podCidr !== route.podCidr), route]
    logger.info({ podCidr: route.podCidr, via: route.via }, 'Route to the pods of a node')
  }

  async function remove(route: Route): Promise<void> {
    // Somebody else may have removed it.
    await ip('route', 'del', route.podCidr, 'proto', PROTOCOL).catch(() => undefined)
    await filter('-D', route).catch(() => undefined)
    present = present.filter((known) => known !== route)
  }

  async function work(): Promise<void> {
    while (isStale && !signal.aborted) {
      isStale = false
      const plan = planRoutes({ nodes: informer.store.list(), present }, node)
      for (const route of plan.remove) await remove(route)
      for (const route of plan.add)
        await add(route).catch((error) => logger.warn({ ...route, error: String(error) }, 'Route cannot be set'))
    }
    working = undefined
  }
  const look = () => {
    isStale = true
    if (informer.isSynced) working ??= work()
  }
  informer.subscribe({ add: look, update: look, delete: look })
  informer.synced.then(look)
  await informer.run(signal)
  await working
}
