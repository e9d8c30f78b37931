import { configMap } from './config-map.ts'
import { event } from './event.ts'
import type { Kind } from './kind.ts'
import { lease } from './lease.ts'
import { namespace } from './namespace.ts'
import { node } from './node/node.ts'
import { pod } from './pod/pod.ts'
import { podDisruptionBudget } from './pod-disruption-budget.ts'
import { replicaSet } from './replica-set.ts'
import { replicationController } from './replication-controller.ts'
import { secret } from './secret.ts'
import { serviceAccount } from './service-account.ts'

/** Every built-in kind that the API server serves: the list is the feature. */
export const builtInKinds: readonly Kind[] = [
  namespace,
  node,
  pod,
  replicationController,
  replicaSet,
  event,
  configMap,
  secret,
  serviceAccount,
  lease,
  podDisruptionBudget,
]
