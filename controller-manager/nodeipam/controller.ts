/**
 * Gives every node its range of pod addresses (upstream's node IPAM controller), for clusters whose nodes do not bring
 * their own. Off unless `--allocate-node-cidrs` says otherwise.
 */

import { parseCidr } from '../../shared/cidr.ts'
import { nodes as nodeResource } from '../../shared/client/resources.ts'
import { DONE } from '../../shared/controller/plan.ts'
import { runController, type Sync } from '../../shared/controller/run-controller.ts'
import { createWorkQueue } from '../../shared/controller/work-queue.ts'
import type { StartController } from '../context.ts'
import { planCidr } from './reconcile.ts'

const NAME = 'node-ipam-controller'
const EVENT_SOURCE = 'cidrAllocator'

export const startNodeIpamController: StartController = async (context) => {
  const { client, clock, informers, logger, options, signal } = context
  if (!options['allocate-node-cidrs']) return
  const cluster = parseCidr(options['cluster-cidr'])
  if (cluster === undefined) throw new Error(`--cluster-cidr: ${options['cluster-cidr']} is not an IPv4 range`)
  const nodes = informers.get(nodeResource)
  await nodes.synced
  const events = context.recorder(EVENT_SOURCE)
  const queue = createWorkQueue({ clock })
  /** By node: what was given out, until the cache shows it. */
  const assigned = new Map<string, string>()
  nodes.subscribe({
    add: ({ metadata }) => queue.add(metadata.name),
    update: (_old, { metadata }) => queue.add(metadata.name),
    delete({ metadata }) {
      assigned.delete(metadata.name)
      // The range that is free again may be what another node waits for.
      for (const node of nodes.store.list()) queue.add(node.metadata.name)
    },
  })

  const sync: Sync = async (name) => {
    const node = nodes.store.get(name)
    if (node === undefined) return DONE
    if (node.spec.podCIDR !== undefined) assigned.delete(name)
    const others = nodes.store.list().filter(({ metadata }) => metadata.name !== name)
    const taken = [
      ...others.flatMap(({ spec }) => spec.podCIDR ?? []),
      ...[...assigned].flatMap(([owner, cidr]) => (owner === name ? [] : cidr)),
    ]
    const plan = planCidr({ node, taken, cluster, maskSize: options['node-cidr-mask-size'] })
    if (plan.do === 'refuse') {
      events.event(node, 'Normal', 'CIDRNotAvailable', `Node ${name} status is now: CIDRNotAvailable`)
      logger.warn({ node: name, clusterCidr: options['cluster-cidr'] }, 'No pod addresses are left for the node')
    }
    if (plan.do === 'assign') {
      const { podCIDR } = plan
      assigned.set(name, podCIDR)
      // The version makes it a compare-and-set: a range that somebody else gave meanwhile stays.
      const metadata = { resourceVersion: node.metadata.resourceVersion }
      const body = { metadata, spec: { podCIDR, podCIDRs: [podCIDR] } }
      await client.patch(nodeResource, { name }, { type: 'merge', body })
    }
    return DONE
  }
  // One after the other: two nodes must not be given the same range.
  await runController({ name: NAME, queue, sync, workers: 1, logger, signal })
}
