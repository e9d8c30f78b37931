/** Roles for people: upstream's `cluster-admin`, `admin`, `edit`, `view`, and what everybody may do. */
import { RBAC_GROUP } from '../../../shared/api/rbac/rbac-group.ts'
import {
  AUTHENTICATION,
  AUTHORIZATION,
  type BootstrapRole,
  COORDINATION,
  may,
  mayRead,
  READ,
  WRITE,
} from './policy-words.ts'

const aggregateTo = (role: string) => `${RBAC_GROUP}/aggregate-to-${role}`
const partOf = (role: string) => ({ [aggregateTo(role)]: 'true' })

const STREAMS = 'pods/attach pods/exec pods/portforward pods/proxy'
const WORKLOADS =
  'daemonsets deployments deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale'
const WORKLOAD_STATUS = 'daemonsets/status deployments/status replicasets/status statefulsets/status'

export const userRoles: readonly BootstrapRole[] = [
  {
    name: 'cluster-admin',
    rules: [may('*', '*', '*'), { verbs: ['*'], nonResourceURLs: ['*'] }],
  },
  { name: 'admin', aggregates: aggregateTo('admin') },
  { name: 'edit', aggregates: aggregateTo('edit'), labels: partOf('admin') },
  { name: 'view', aggregates: aggregateTo('view'), labels: partOf('edit') },
  {
    name: 'system:aggregate-to-admin',
    labels: partOf('admin'),
    rules: [
      may('create', 'localsubjectaccessreviews', AUTHORIZATION),
      may('create delete deletecollection get list patch update watch', 'rolebindings roles', RBAC_GROUP),
    ],
  },
  {
    name: 'system:aggregate-to-edit',
    labels: partOf('edit'),
    rules: [
      may(READ, `${STREAMS} secrets services/proxy`),
      may('impersonate', 'serviceaccounts'),
      may(WRITE, `pods ${STREAMS}`),
      may('create', 'pods/eviction'),
      may(
        WRITE,
        'configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy',
      ),
      may('create', 'serviceaccounts/token'),
      may(WRITE, WORKLOADS, 'apps'),
      may(WRITE, 'horizontalpodautoscalers', 'autoscaling'),
      may(WRITE, 'cronjobs jobs', 'batch'),
      may(WRITE, 'poddisruptionbudgets', 'policy'),
      may(WRITE, 'ingresses networkpolicies', 'networking.k8s.io'),
      may('create delete deletecollection get list patch update watch', 'leases', COORDINATION),
    ],
  },
  {
    name: 'system:aggregate-to-view',
    labels: partOf('view'),
    rules: [
      may(
        READ,
        'configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status',
      ),
      may(
        READ,
        'bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status',
      ),
      may(READ, 'namespaces'),
      may(READ, 'endpointslices', 'discovery.k8s.io'),
      may(READ, `controllerrevisions ${WORKLOADS} ${WORKLOAD_STATUS}`, 'apps'),
      may(READ, 'horizontalpodautoscalers horizontalpodautoscalers/status', 'autoscaling'),
      may(READ, 'cronjobs cronjobs/status jobs jobs/status', 'batch'),
      may(READ, 'poddisruptionbudgets poddisruptionbudgets/status', 'policy'),
      may(READ, 'ingresses ingresses/status networkpolicies', 'networking.k8s.io'),
    ],
  },
  {
    name: 'system:basic-user',
    rules: [
      may('create', 'selfsubjectaccessreviews selfsubjectrulesreviews', AUTHORIZATION),
      may('create', 'selfsubjectreviews', AUTHENTICATION),
    ],
  },
  {
    name: 'system:discovery',
    rules: [mayRead('/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/')],
  },
  { name: 'system:public-info-viewer', rules: [mayRead('/healthz /livez /readyz /version /version/')] },
  {
    name: 'system:monitoring',
    rules: [mayRead('/healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*')],
  },
  {
    name: 'system:service-account-issuer-discovery',
    rules: [mayRead('/.well-known/openid-configuration /openid/v1/jwks')],
  },
  {
    name: 'system:auth-delegator',
    rules: [may('create', 'tokenreviews', AUTHENTICATION), may('create', 'subjectaccessreviews', AUTHORIZATION)],
  },
]
