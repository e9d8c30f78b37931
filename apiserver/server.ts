import { randomUUID } from 'node:crypto'
import type { Kind } from '../shared/api/kind.ts'
import { builtInKinds } from '../shared/api/kinds.ts'
import type { Namespace } from '../shared/api/namespace.ts'
import type { Clock } from '../shared/clock.ts'
import type { Logger } from '../shared/log.ts'
import type { AdmissionConfig } from './admission/admission.ts'
import { admit } from './admission/chain.ts'
import { createAuthenticator } from './auth/authenticate.ts'
import { authorizeAuthenticated } from './auth/authorize.ts'
import { parseTokenFile } from './auth/token-file.ts'
import { type Caches, startCaches } from './cache/caches.ts'
import { createApp } from './http/app.ts'
import { discoveryEndpoints } from './http/discovery.ts'
import { createKubeletProxy, type KubeletClientOptions } from './http/kubelet-proxy.ts'
import { openApiEndpoints } from './http/openapi-endpoints.ts'
import { resourceEndpoints } from './http/resource-endpoints.ts'
import { specialEndpoints } from './http/special-endpoints.ts'
import { systemEndpoints } from './http/system-endpoints.ts'
import { bootstrap } from './registry/bootstrap.ts'
import { startExpiry } from './registry/expiry.ts'
import { randomSuffix } from './registry/generated-name.ts'
import type { Resource } from './registry/resource.ts'
import { COMPACTION_DEFAULTS, startCompaction } from './storage/compaction-policy.ts'
import type { Storage } from './storage/storage.ts'

export interface ApiServerOptions {
  /** The server closes it when it is closed. */
  storage: Storage
  /** Address to listen on. */
  host: string
  /** 0: any free port. */
  port: number
  /** PEM: the server's own pair, and the authority of client certificates. Without one, only tokens are taken. */
  tls: { certificate: string; key: string; clientAuthority?: string }
  /** Contents of a token file: `token,user,uid,"group1,group2"` per line. */
  tokens?: string
  kubelet?: KubeletClientOptions
  admission: AdmissionConfig
  /** Seconds that events are kept. */
  eventTtlSeconds: number
  clock: Clock
  log: Logger
  /** Called once when the store has failed: nothing can be read or written any more. */
  onFailure(error: unknown): void
}

export interface ApiServer {
  /** `https://HOST:PORT`. */
  url: string
  /** Ends the watches, answers what is under way, then closes the store. */
  close(): Promise<void>
}

const urlOf = (host: string, port: number) => {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `https://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}

/** The registry's resources by plural: every kind, in front of the same store and behind the same admission. */
function createResources(
  kinds: readonly Kind[],
  { storage, clock, admission, caches }: Pick<ApiServerOptions, 'storage' | 'clock' | 'admission'> & { caches: Caches },
): ReadonlyMap<string, Resource> {
  const resources = new Map<string, Resource>()
  const namespace = (name: string) =>
    resources.get('namespaces')!.cache.get(name)?.object as Readonly<Namespace> | undefined
  const world = { config: admission, namespace }
  for (const kind of kinds)
    resources.set(kind.plural, {
      kind,
      storage,
      cache: caches.cacheOf(kind),
      clock,
      admit: (request) => admit(request, world),
      newUid: randomUUID,
      newNameSuffix: randomSuffix,
    })
  return resources
}

/** Starts an API server; resolves when it serves. Throws where it cannot listen or its certificate is no use. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { storage, clock, log, tls, host, port, onFailure } = options
  const caches = await startCaches({ storage, kinds: builtInKinds, clock, logger: log })
  caches.done.catch(onFailure)
  const resources = createResources(builtInKinds, { ...options, caches })
  const resource = (plural: string) => resources.get(plural)!
  const special = {
    namespaces: resource('namespaces'),
    nodes: resource('nodes'),
    poddisruptionbudgets: resource('poddisruptionbudgets'),
    pods: resource('pods'),
  }
  const kubelets = createKubeletProxy(options.kubelet ?? {})
  let url = ''
  let isReady = false
  const app = createApp({
    endpoints: [
      ...systemEndpoints(() => isReady),
      ...discoveryEndpoints(builtInKinds, () => url),
      ...openApiEndpoints(() => builtInKinds, { clock }),
      ...[...resources.values()].flatMap(resourceEndpoints),
      ...specialEndpoints(special, kubelets),
    ],
    authenticate: createAuthenticator(parseTokenFile(options.tokens ?? '')),
    authorize: authorizeAuthenticated,
    clock,
    log,
    tls,
  })
  await bootstrap({ namespaces: special.namespaces, serviceAccounts: resource('serviceaccounts') })
  url = urlOf(host, await app.listen({ host, port }))
  isReady = true

  const stopCompaction = startCompaction({ storage, clock, logger: log, ...COMPACTION_DEFAULTS })
  const ttlOf = (kind: Kind) => (kind.kind === 'Event' ? options.eventTtlSeconds : kind.ttlSeconds)
  const sweeps = [...resources.values()]
    .filter(({ kind }) => kind.ttlSeconds !== undefined)
    .map((expiring) => startExpiry({ resource: expiring, ttlSeconds: ttlOf(expiring.kind)!, clock, log }))
  return {
    url,
    async close() {
      isReady = false
      await app.close()
      await Promise.all([stopCompaction(), kubelets.close(), ...sweeps.map((stop) => stop())])
      await caches.close()
      await storage.close()
    },
  }
}
