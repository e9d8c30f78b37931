import { startCertificateApproving } from './certificates/approving.ts'
import { startCertificateCleaning } from './certificates/cleaning.ts'
import { startCertificateSigning } from './certificates/signing.ts'
import { startClusterRoleAggregation } from './clusterroleaggregation/controller.ts'
import type { StartController } from './context.ts'
import { startCronJobController } from './cronjob/controller.ts'
import { startDaemonSetController } from './daemonset/controller.ts'
import { startDeploymentController } from './deployment/controller.ts'
import { startDisruptionController } from './disruption/controller.ts'
import { startGarbageCollector } from './garbagecollector/controller.ts'
import { startJobController } from './job/controller.ts'
import { startNamespaceController } from './namespace/controller.ts'
import { startNodeIpamController } from './nodeipam/controller.ts'
import { startNodeLifecycleController } from './nodelifecycle/controller.ts'
import { startPodGarbageCollector } from './podgc/controller.ts'
import { startReplicaSetController } from './replicaset/controller.ts'
import { startReplicationController } from './replicationcontroller/controller.ts'
import { startResourceQuotaController } from './resourcequota/controller.ts'
import { startRootCaPublisher } from './rootcapublisher/controller.ts'
import { startServiceAccountController } from './serviceaccount/controller.ts'
import { startTaintEvictionController } from './tainteviction/controller.ts'
import { startTtlAfterFinishedController } from './ttlafterfinished/controller.ts'

/** Everything that this process does, by upstream's names of the controllers. */
export const controllers: Readonly<Record<string, StartController>> = {
  'node-ipam-controller': startNodeIpamController,
  'node-lifecycle-controller': startNodeLifecycleController,
  'taint-eviction-controller': startTaintEvictionController,
  'replicationcontroller-controller': startReplicationController,
  'replicaset-controller': startReplicaSetController,
  'deployment-controller': startDeploymentController,
  'daemonset-controller': startDaemonSetController,
  'job-controller': startJobController,
  'cronjob-controller': startCronJobController,
  'ttl-after-finished-controller': startTtlAfterFinishedController,
  'disruption-controller': startDisruptionController,
  'pod-garbage-collector-controller': startPodGarbageCollector,
  'namespace-controller': startNamespaceController,
  'serviceaccount-controller': startServiceAccountController,
  'resourcequota-controller': startResourceQuotaController,
  'root-ca-certificate-publisher-controller': startRootCaPublisher,
  'clusterrole-aggregation-controller': startClusterRoleAggregation,
  'certificatesigningrequest-approving-controller': startCertificateApproving,
  'certificatesigningrequest-signing-controller': startCertificateSigning,
  'certificatesigningrequest-cleaner-controller': startCertificateCleaning,
  // Last: it shares the watches of the others where there are any.
  'garbage-collector-controller': startGarbageCollector,
}

/** Names that the controllers had before; `--controllers` still takes them. */
export const controllerAliases: Readonly<Record<string, string>> = {
  csrapproving: 'certificatesigningrequest-approving-controller',
  csrsigning: 'certificatesigningrequest-signing-controller',
  csrcleaner: 'certificatesigningrequest-cleaner-controller',
  nodeipam: 'node-ipam-controller',
  nodelifecycle: 'node-lifecycle-controller',
  replicationcontroller: 'replicationcontroller-controller',
  replicaset: 'replicaset-controller',
  deployment: 'deployment-controller',
  daemonset: 'daemonset-controller',
  job: 'job-controller',
  cronjob: 'cronjob-controller',
  'ttl-after-finished': 'ttl-after-finished-controller',
  disruption: 'disruption-controller',
  podgc: 'pod-garbage-collector-controller',
  namespace: 'namespace-controller',
  serviceaccount: 'serviceaccount-controller',
  garbagecollector: 'garbage-collector-controller',
}
