import type { ReplicaSet } from '../../shared/api/replica-set.ts'
import { replicaSets } from '../../shared/client/resources.ts'
import { selectorFromLabelSelector } from '../../shared/labels.ts'
import type { StartController } from '../context.ts'
import { runReplicaController } from '../replicas/controller.ts'

/** Keeps as many pods running as each ReplicaSet asks for. */
export const startReplicaSetController: StartController = (context) =>
  runReplicaController<ReplicaSet>(context, {
    name: 'replicaset-controller',
    resource: replicaSets,
    selectorOf: ({ spec }) => selectorFromLabelSelector(spec.selector),
    reportsTerminating: true,
    workers: context.options['concurrent-replicaset-syncs'],
  })
