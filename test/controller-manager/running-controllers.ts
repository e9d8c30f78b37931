/** Controllers of this process on the real API server, for wiring tests. */
import pino from 'pino'
import type { StartController } from '../../controller-manager/context.ts'
import { ControllerManager } from '../../controller-manager/controller-manager.ts'
import { type ControllerOptions, controllerFlags } from '../../controller-manager/options.ts'
import type { Draft } from '../../shared/api/kind.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { ReplicationController } from '../../shared/api/replication-controller.ts'
import type { Client } from '../../shared/client/client.ts'
import { createClient } from '../../shared/client/http-client.ts'
import { pods, replicationControllers } from '../../shared/client/resources.ts'
import { type Clock, systemClock } from '../../shared/clock.ts'
import { parseFlags } from '../../shared/flags.ts'
import type { TestApiServer } from '../support/api-server.ts'

export interface TestManager {
  synced: Promise<void>
  /** The manager's own client. */
  client: Client
  close(): Promise<void>
}

/** Starts controllers with their default options, but for `options`, as a client of their own. */
export function startManager(
  server: TestApiServer,
  controllers: readonly StartController[],
  {
    clock = systemClock,
    options = {},
    wrap = (client) => client,
  }: { clock?: Clock; options?: Partial<ControllerOptions>; wrap?: (client: Client) => Client } = {},
): TestManager {
  const client = wrap(createClient({ kubeconfig: server.kubeconfig, userAgent: 'kube-controller-manager/test' }))
  const manager = new ControllerManager({
    client,
    clock,
    logger: pino({ enabled: false }),
    options: { ...parseFlags(controllerFlags, []).flags, ...options },
    controllers,
    onFailure(error) {
      throw error
    },
  })
  return {
    synced: manager.synced,
    client,
    async close() {
      await manager.close()
      await client.close()
      await manager.ended()
    },
  }
}

/** Owner, template and selector as in the chapter's `kubia`. */
export const kubia = (replicas: number, name = 'kubia'): Draft<ReplicationController> => ({
  apiVersion: 'v1',
  kind: 'ReplicationController',
  metadata: { name, namespace: 'default' },
  spec: {
    replicas,
    selector: { app: name },
    template: { metadata: { labels: { app: name } }, spec: podSpec },
  },
  status: { replicas: 0 },
})

const podSpec = { containers: [{ name: 'kubia', image: 'luksa/kubia' }] } as unknown as Pod['spec']

export const plainPod = (
  name: string,
  metadata: Draft<Pod>['metadata'] = {},
  spec: Partial<Pod['spec']> = {},
): Draft<Pod> => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', ...metadata },
  spec: { ...podSpec, ...spec },
  status: {},
})

export const inDefault = (name: string) => ({ name, namespace: 'default' })

export const listPods = async (client: Client): Promise<Pod[]> => (await client.list(pods)).items

export const getRc = (client: Client, name = 'kubia') => client.get(replicationControllers, inDefault(name))

/** The version of the last write to anything: unchanged means that nobody wrote. */
export const revision = async (client: Client): Promise<string> => (await client.list(pods)).metadata.resourceVersion
