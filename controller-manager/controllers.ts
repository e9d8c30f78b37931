import type { StartController } from './context.ts'
import { startDaemonSetController } from './daemonset/controller.ts'
import { startDeploymentController } from './deployment/controller.ts'
import { startDisruptionController } from './disruption/controller.ts'
import { startGarbageCollector } from './garbagecollector/controller.ts'
import { startNamespaceController } from './namespace/controller.ts'
import { startNodeLifecycleController } from './nodelifecycle/controller.ts'
import { startPodGarbageCollector } from './podgc/controller.ts'
import { startReplicaSetController } from './replicaset/controller.ts'
import { startReplicationController } from './replicationcontroller/controller.ts'
import { startServiceAccountController } from './serviceaccount/controller.ts'
import { startTaintEvictionController } from './tainteviction/controller.ts'

/** Everything that this process does, by upstream's names of the controllers. */
export const controllers: Readonly<Record<string, StartController>> = {
  'node-lifecycle-controller': startNodeLifecycleController,
  'taint-eviction-controller': startTaintEvictionController,
  'replicationcontroller-controller': startReplicationController,
  'replicaset-controller': startReplicaSetController,
  'deployment-controller': startDeploymentController,
  'daemonset-controller': startDaemonSetController,
  'disruption-controller': startDisruptionController,
  'pod-garbage-collector-controller': startPodGarbageCollector,
  'namespace-controller': startNamespaceController,
  'serviceaccount-controller': startServiceAccountController,
  // Last: it shares the watches of the others where there are any.
  'garbage-collector-controller': startGarbageCollector,
}

/** Names that the controllers had before; `--controllers` still takes them. */
export const controllerAliases: Readonly<Record<string, string>> = {
  nodelifecycle: 'node-lifecycle-controller',
  replicationcontroller: 'replicationcontroller-controller',
  replicaset: 'replicaset-controller',
  deployment: 'deployment-controller',
  daemonset: 'daemonset-controller',
  disruption: 'disruption-controller',
  podgc: 'pod-garbage-collector-controller',
  namespace: 'namespace-controller',
  serviceaccount: 'serviceaccount-controller',
  garbagecollector: 'garbage-collector-controller',
}
