import type { ReplicationController } from '../../shared/api/replication-controller.ts'
import { replicationControllers } from '../../shared/client/resources.ts'
import { selectorFromMap } from '../../shared/labels.ts'
import type { StartController } from '../context.ts'
import { runReplicaController } from '../replicas/controller.ts'

/** Keeps as many pods running as each ReplicationController asks for. */
export const startReplicationController: StartController = (context) =>
  runReplicaController<ReplicationController>(context, {
    name: 'replication-controller',
    resource: replicationControllers,
    selectorOf: ({ spec }) => selectorFromMap(spec.selector),
    reportsTerminating: false,
    workers: context.options['concurrent-rc-syncs'],
  })
