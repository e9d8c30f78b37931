import type { Kind } from '../shared/api/kind.ts'
import { builtInKinds } from '../shared/api/kinds.ts'
import { RBAC_GROUP } from '../shared/api/rbac/rbac-group.ts'
import type { Clock } from '../shared/clock.ts'
import { joinHostPort } from '../shared/host-port.ts'
import type { Logger } from '../shared/log.ts'
import type { AdmissionConfig } from './admission/admission.ts'
import { type AuditLogOptions, openAuditLog } from './audit/audit-log.ts'
import { type AuthorizationMode, createAuthorization } from './auth/authorization.ts'
import { startCaches } from './cache/caches.ts'
import { createHealthChecks } from './health-checks.ts'
import { createApp } from './http/app.ts'
import { backupEndpoint } from './http/backup-endpoint.ts'
import { discoveryEndpoints } from './http/discovery.ts'
import { createEndpointTable } from './http/endpoint-table.ts'
import { createKubeletProxy, type KubeletClientOptions } from './http/kubelet-proxy.ts'
import { metricsEndpoints } from './http/metrics-api.ts'
import { openApiEndpoints } from './http/openapi-endpoints.ts'
import { resourceEndpoints } from './http/resource-endpoints.ts'
import { reviewEndpoints } from './http/review-endpoints.ts'
import { specialEndpoints } from './http/special-endpoints.ts'
import { systemEndpoints } from './http/system-endpoints.ts'
import { openIdEndpoints, tokenReviewEndpoint } from './http/token-endpoints.ts'
import { createIdentities, type ServiceAccountOptions } from './identities.ts'
import { measureStorage } from './metrics/storage-metrics.ts'
import { createOperations, REQUEST_LIMITS, type RequestLimits } from './operations.ts'
import { bootstrap } from './registry/bootstrap.ts'
import { reconcileBootstrapPolicy } from './registry/bootstrap-policy.ts'
import { startExpiry } from './registry/expiry.ts'
import { randomSuffix } from './registry/generated-name.ts'
import { createKnownObjects } from './registry/known-objects.ts'
import { publishKubernetesService } from './registry/kubernetes-service.ts'
import type { Resource } from './registry/resource.ts'
import { createResources, type ResourceId } from './registry/resources.ts'
import { COMPACTION_DEFAULTS, startCompaction } from './storage/compaction-policy.ts'
import type { Storage } from './storage/storage.ts'

export interface ApiServerOptions {
  /** The server closes it when it is closed. */
  storage: Storage
  /** Address to listen on. */
  host: string
  /** 0: any free port. */
  port: number
  /** Serves plain HTTP on this port of 127.0.0.1, where everybody is an administrator; 0: any free one. Default: no. */
  insecurePort?: number
  /** PEM: the server's own pair, and the authority of client certificates. Without one, only tokens are taken. */
  tls: { certificate: string; key: string; clientAuthority?: string }
  /** Contents of a token file: `token,user,uid,"group1,group2"` per line. */
  tokens?: string
  /** Default: tokens that work for as long as the server runs. */
  serviceAccounts?: ServiceAccountOptions
  kubelet?: KubeletClientOptions
  admission: AdmissionConfig
  /** How long versions can be asked for; 0: for ever. Default: upstream's. */
  compaction?: { keepMs: number }
  /** Default: upstream's, `Node,RBAC`. */
  authorization?: AuthorizationMode
  /** Seconds that events are kept. */
  eventTtlSeconds: number
  /** Default: upstream's. */
  limits?: RequestLimits
  /** Absent: no audit log is written. */
  audit?: Pick<AuditLogOptions, 'path' | 'bytesMax' | 'backupsMax'>
  clock: Clock
  log: Logger
  /** Called once when the store has failed: nothing can be read or written any more. */
  onFailure(error: unknown): void
}

export interface ApiServer {
  /** `https://HOST:PORT`. */
  url: string
  /** Where plain HTTP is served, if it is. */
  insecureUrl?: string
  /**
   * Serves one more kind from now on, and what the store has of it: clients find it by discovery. Throws where its name
   * is taken.
   */
  registerKind(kind: Kind): Promise<void>
  /** Serves a kind no longer and ends its watches. Its objects stay in the store. Throws where it is not served. */
  unregisterKind(id: ResourceId): Promise<void>
  /** Ends the watches, answers what is under way, then closes the store. */
  close(): Promise<void>
}

/** An address at which a server is found that listens on `host`. */
const reachable = (host: string) => (host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host)

/** Starts an API server; resolves when it serves. Throws where it cannot listen or its certificate is no use. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { clock, log, tls, host, port, onFailure, limits = REQUEST_LIMITS } = options
  const { storage, metrics } = measureStorage(options.storage, clock)
  const audit = options.audit === undefined ? undefined : await openAuditLog({ ...options.audit, clock, log })
  const caches = await startCaches({ storage, kinds: builtInKinds, clock, logger: log })
  caches.done.catch(onFailure)
  const known = createKnownObjects(caches)
  const authorizer = createAuthorization(options.authorization ?? 'Node,RBAC', known)
  const identities = createIdentities(options, known)
  const world = { ...known, config: options.admission, authorizer, newNameSuffix: randomSuffix }
  const resources = createResources({ storage, clock, kinds: builtInKinds, caches, world })
  const resource = (plural: string, group = '') => resources.get({ group, plural })
  const special = {
    certificatesigningrequests: resource('certificatesigningrequests', 'certificates.k8s.io'),
    namespaces: resource('namespaces'),
    nodes: resource('nodes'),
    poddisruptionbudgets: resource('poddisruptionbudgets', 'policy'),
    pods: resource('pods'),
    secrets: resource('secrets'),
    serviceaccounts: resource('serviceaccounts'),
    services: resource('services'),
  }
  const kubelets = createKubeletProxy(options.kubelet ?? {})
  let url = ''
  let isReady = false
  const health = createHealthChecks({
    storage,
    cachesReach: (revision) => special.namespaces.cache.waitFor(revision),
    clock,
    isServing: () => isReady,
  })
  const { scrape, ...operations } = createOperations({
    limits,
    metrics,
    resources: resources.all,
    ...(audit !== undefined && { audit }),
    clock,
    log,
  })
  const table = createEndpointTable()
  for (const each of resources.all()) table.add(resourceEndpoints(each))
  table.add(specialEndpoints(special, { kubelets, issuer: identities.issuer }))
  table.add(metricsEndpoints({ resources: special, kubelets, clock }))
  const app = createApp({
    ...operations,
    table,
    requestTimeoutMs: limits.requestTimeoutMs,
    endpoints: [
      backupEndpoint(storage),
      ...systemEndpoints({ ...health, scrape, log }),
      ...discoveryEndpoints(resources.kinds, () => url),
      ...openApiEndpoints(resources.kinds, { clock }),
      ...reviewEndpoints(authorizer),
      tokenReviewEndpoint(identities.tokens),
      ...openIdEndpoints({ ...identities.openId, url: () => url }),
    ],
    authenticate: identities.authenticate,
    authorizer,
    clock,
    log,
    tls,
  })
  await bootstrap({
    namespaces: special.namespaces,
    serviceAccounts: special.serviceaccounts,
    priorityClasses: resource('priorityclasses', 'scheduling.k8s.io'),
  })
  await reconcileBootstrapPolicy({
    clusterRoles: resource('clusterroles', RBAC_GROUP),
    clusterRoleBindings: resource('clusterrolebindings', RBAC_GROUP),
    roles: resource('roles', RBAC_GROUP),
    roleBindings: resource('rolebindings', RBAC_GROUP),
  })
  const served = { address: reachable(host), port: await app.listen({ host, port }) }
  url = `https://${joinHostPort(served.address, served.port)}`
  const plainPort = options.insecurePort === undefined ? undefined : await app.listenInsecurely(options.insecurePort)
  if (plainPort !== undefined)
    log.warn({ port: plainPort }, 'every program on this machine may do everything at the insecure port')
  await publishKubernetesService(
    {
      services: resource('services'),
      endpoints: resource('endpoints'),
      endpointSlices: resource('endpointslices', 'discovery.k8s.io'),
    },
    served,
  )
  isReady = true

  const stopCompaction = startCompaction({
    ...{ ...COMPACTION_DEFAULTS, ...options.compaction, storage, clock, logger: log },
    objects: () => [...resources.all()].reduce((sum, { cache }) => sum + cache.size, 0),
  })
  const sweeps = new Map<Resource, () => Promise<void>>()
  const sweep = (expiring: Resource) => {
    const { kind } = expiring
    const ttlSeconds = kind.kind === 'Event' ? options.eventTtlSeconds : kind.ttlSeconds
    if (kind.ttlSeconds === undefined || ttlSeconds === undefined) return
    sweeps.set(expiring, startExpiry({ resource: expiring, ttlSeconds, clock, log }))
  }
  for (const each of resources.all()) sweep(each)
  return {
    url,
    ...(plainPort !== undefined && { insecureUrl: `http://127.0.0.1:${plainPort}` }),
    async registerKind(kind) {
      const added = await resources.add(kind)
      table.add(resourceEndpoints(added))
      sweep(added)
    },
    async unregisterKind(id) {
      const removed = resources.remove(id)
      table.remove(resourceEndpoints(removed))
      await sweeps.get(removed)?.()
      sweeps.delete(removed)
    },
    async close() {
      isReady = false
      await app.close()
      await Promise.all([stopCompaction(), kubelets.close(), ...[...sweeps.values()].map((stop) => stop())])
      await caches.close()
      await Promise.all([storage.close(), audit?.close()])
    },
  }
}
