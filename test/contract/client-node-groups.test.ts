/** The official JavaScript client's typed interfaces of the other groups: workloads, policies, roles, reviews. */
import {
  AppsV1Api,
  AuthenticationV1Api,
  AuthorizationV1Api,
  BatchV1Api,
  CoreV1Api,
  DiscoveryV1Api,
  KubeConfig,
  PatchStrategy,
  PolicyV1Api,
  RbacAuthorizationV1Api,
  SchedulingV1Api,
  setHeaderOptions,
  type V1DaemonSet,
  type V1Deployment,
  type V1Job,
} from '@kubernetes/client-node'
import t from 'tap'
import { controllers } from '../../controller-manager/controllers.ts'
import { startManager } from '../controller-manager/running-controllers.ts'
import { startTestApiServer } from '../support/api-server.ts'
import { testDirectory } from '../support/directory.ts'
import { startHollowKubelet } from '../support/hollow-kubelet.ts'
import { until } from '../support/until.ts'

const namespace = 'default'
const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch)
const strategic = setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch)

const podSpec = { containers: [{ name: 'main', image: 'luksa/kubia' }] }
const selected = (app: string) => ({
  selector: { matchLabels: { app } },
  template: { metadata: { labels: { app } }, spec: podSpec },
})

t.test('other groups', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  const manager = startManager(server, Object.values(controllers))
  const kubelet = startHollowKubelet(server.client)
  t.teardown(async () => {
    await kubelet.close()
    await manager.close()
    await server.close()
  })
  const config = new KubeConfig()
  config.loadFromFile(server.kubeconfig)
  const core = config.makeApiClient(CoreV1Api)
  const apps = config.makeApiClient(AppsV1Api)

  t.test('apps/v1: a Deployment is rolled out, scaled, changed and deleted', async (t) => {
    const body: V1Deployment = { metadata: { name: 'web' }, spec: { replicas: 2, ...selected('web') } }
    const target = { name: 'web', namespace }
    t.match(await apps.createNamespacedDeployment({ namespace, body }), {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } } },
    })
    const read = () => apps.readNamespacedDeployment(target)
    const isAvailable = (count: number) => async () => {
      const { metadata, status } = await read()
      return status?.observedGeneration === metadata?.generation && status?.availableReplicas === count
    }
    await until(isAvailable(2), { describe: read })
    t.ok((await read()).status!.conditions![0]!.lastTransitionTime instanceof Date)
    const scale = await apps.readNamespacedDeploymentScale(target)
    t.match(scale, { spec: { replicas: 2 }, status: { replicas: 2, selector: 'app=web' } })
    await apps.replaceNamespacedDeploymentScale({ ...target, body: { ...scale, spec: { replicas: 3 } } })
    await until(isAvailable(3), { describe: read })
    const change = { spec: { template: { spec: { containers: [{ name: 'main', image: 'luksa/kubia:v2' }] } } } }
    await apps.patchNamespacedDeployment({ ...target, body: change }, strategic)
    const sets = async () => (await apps.listNamespacedReplicaSet({ namespace, labelSelector: 'app=web' })).items
    await until(
      async () =>
        (await sets())
          .map(({ spec }) => spec!.replicas)
          .sort()
          .join() === '0,3',
      { describe: sets },
    )
    await apps.deleteNamespacedDeployment({ ...target, propagationPolicy: 'Foreground' })
    await until(async () => (await apps.listNamespacedDeployment({ namespace })).items.length === 0)
    t.same(await sets(), [], 'in the foreground the dependents go first')
    t.same((await core.listNamespacedPod({ namespace, labelSelector: 'app=web' })).items, [])
  })

  t.test('apps/v1: DaemonSets and their revisions', async (t) => {
    const body: V1DaemonSet = { metadata: { name: 'each' }, spec: selected('each') }
    const created = await apps.createNamespacedDaemonSet({ namespace, body })
    t.match(created, { spec: { updateStrategy: { type: 'RollingUpdate' }, revisionHistoryLimit: 10 } })
    const revisions = () => apps.listNamespacedControllerRevision({ namespace, labelSelector: 'app=each' })
    await until(async () => (await revisions()).items.length === 1, { describe: revisions })
    await apps.deleteNamespacedDaemonSet({ name: 'each', namespace })
  })

  t.test('batch/v1: Jobs and CronJobs', async (t) => {
    const batch = config.makeApiClient(BatchV1Api)
    const template = { spec: { ...podSpec, restartPolicy: 'Never' } }
    const job: V1Job = { metadata: { name: 'once' }, spec: { template, suspend: true } }
    const created = await batch.createNamespacedJob({ namespace, body: job })
    t.match(created, { spec: { completions: 1, parallelism: 1, backoffLimit: 6, suspend: true } })
    const read = () => batch.readNamespacedJob({ name: 'once', namespace })
    await until(async () => (await read()).status?.conditions?.some(({ type }) => type === 'Suspended'), {
      describe: read,
    })
    const spec = { schedule: '0 0 1 1 *', jobTemplate: { spec: { template } } }
    const cronJob = await batch.createNamespacedCronJob({ namespace, body: { metadata: { name: 'yearly' }, spec } })
    t.match(cronJob, { spec: { concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3 } })
    await batch.patchNamespacedCronJob({ name: 'yearly', namespace, body: { spec: { suspend: true } } }, merge)
    await batch.deleteCollectionNamespacedJob({ namespace, propagationPolicy: 'Background' })
    await until(async () => (await batch.listJobForAllNamespaces()).items.length === 0)
  })

  t.test('policy, roles, priorities, slices', async (t) => {
    const policy = config.makeApiClient(PolicyV1Api)
    const budget = {
      metadata: { name: 'steady' },
      spec: { minAvailable: '50%', selector: { matchLabels: { app: 'x' } } },
    }
    t.match(await policy.createNamespacedPodDisruptionBudget({ namespace, body: budget }), {
      spec: { minAvailable: '50%' },
    })
    const roles = config.makeApiClient(RbacAuthorizationV1Api)
    const rules = [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }]
    t.match(await roles.createNamespacedRole({ namespace, body: { metadata: { name: 'reader' }, rules } }), { rules })
    t.match(await roles.createClusterRole({ body: { metadata: { name: 'system:some:reader' }, rules } }), { rules })
    const priorities = await config.makeApiClient(SchedulingV1Api).listPriorityClass()
    t.ok(priorities.items.some(({ metadata }) => metadata?.name === 'system-node-critical'))
    const service = { metadata: { name: 'web' }, spec: { ports: [{ port: 80, targetPort: 'http' }] } }
    t.match(await core.createNamespacedService({ namespace, body: service }), {
      spec: { type: 'ClusterIP', ports: [{ port: 80, protocol: 'TCP', targetPort: 'http' }] },
    })
    t.match(await config.makeApiClient(DiscoveryV1Api).listEndpointSliceForAllNamespaces(), {
      kind: 'EndpointSliceList',
    })
  })

  t.test('reviews', async (t) => {
    const who = await config.makeApiClient(AuthenticationV1Api).createSelfSubjectReview({ body: {} })
    t.match(who.status!.userInfo, { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] })
    const resourceAttributes = { verb: 'create', group: 'apps', resource: 'deployments', namespace }
    const authorization = config.makeApiClient(AuthorizationV1Api)
    const may = await authorization.createSelfSubjectAccessReview({ body: { spec: { resourceAttributes } } })
    t.equal(may.status!.allowed, true)
  })
})
