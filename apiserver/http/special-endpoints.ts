/** The endpoints that one kind alone has. A subresource without a handler here does not compile. */
import { binding as bindingKind } from '../../shared/api/binding.ts'
import { eviction as evictionKind } from '../../shared/api/eviction.ts'
import type { Namespace } from '../../shared/api/namespace.ts'
import type { TokenIssuer } from '../registry/account-token.ts'
import { APPROVAL } from '../registry/certificate-approval.ts'
import { finalizeNamespace } from '../registry/namespace-finalize.ts'
import { bindPod } from '../registry/pod-binding.ts'
import { type EvictionResources, evictPod } from '../registry/pod-eviction.ts'
import type { Resource } from '../registry/resource.ts'
import { decodeBody, writeOptionsOf } from './body.ts'
import type { Endpoint, Handler, Method } from './exchange.ts'
import type { KubeletProxy } from './kubelet-proxy.ts'
import { createLogHandler } from './pod-log.ts'
import { createStreamHandler } from './pod-stream.ts'
import { proxyHandlers } from './proxy-handlers.ts'
import { objectAnswer, representationFor } from './render.ts'
import { collectionPathOf, partHandlers, rootOf, targetOf } from './resource-endpoints.ts'
import { successAnswer } from './status.ts'
import { type SubresourceName, subresources } from './subresources.ts'
import { tokenHandler } from './token-endpoints.ts'

/** Resources by their plural. */
export type Resources = Readonly<
  Record<
    | 'certificatesigningrequests'
    | 'namespaces'
    | 'nodes'
    | 'poddisruptionbudgets'
    | 'pods'
    | 'secrets'
    | 'serviceaccounts'
    | 'services',
    Resource
  >
>

type Handlers = Record<SubresourceName, Partial<Record<Method, Handler>>>

const bindHandler =
  (pods: Resource): Handler =>
  async (request) => {
    const write = writeOptionsOf(request, 'CreateOptions')
    const { object, warnings } = await decodeBody(request, bindingKind)
    const name = request.name ?? object.metadata.name ?? ''
    const target = { name, ...(request.namespace !== undefined && { namespace: request.namespace }) }
    await bindPod(pods, target, { ...write, binding: object })
    return { ...successAnswer(201), warnings }
  }

const evictHandler =
  (resources: EvictionResources): Handler =>
  async (request) => {
    const write = writeOptionsOf(request, 'CreateOptions')
    const { object, warnings } = await decodeBody(request, evictionKind)
    await evictPod(resources, targetOf(request), { ...write, eviction: object })
    return { ...successAnswer(201), warnings }
  }

const finalizeHandler =
  (namespaces: Resource): Handler =>
  async (request) => {
    const { kind, clock } = namespaces
    const representation = representationFor(request)
    const write = writeOptionsOf(request, 'UpdateOptions')
    const { object, warnings } = await decodeBody(request, kind)
    const updated = await finalizeNamespace(namespaces, targetOf(request), { ...write, object: object as Namespace })
    return objectAnswer(kind, updated, { request, representation, warnings, nowMs: clock.nowMs() })
  }

/** Endpoints of `subresources`, and `bindings`, the older way to bind a pod. */
export function specialEndpoints(
  {
    certificatesigningrequests,
    namespaces,
    nodes,
    poddisruptionbudgets,
    pods,
    secrets,
    serviceaccounts,
    services,
  }: Resources,
  { kubelets, issuer }: { kubelets: KubeletProxy; issuer: TokenIssuer },
): Endpoint[] {
  const bind = bindHandler(pods)
  const attach = createStreamHandler('attach', { pods, nodes }, kubelets)
  const exec = createStreamHandler('exec', { pods, nodes }, kubelets)
  const portForward = createStreamHandler('portforward', { pods, nodes }, kubelets)
  const approval = partHandlers(certificatesigningrequests, APPROVAL)
  const handlers: Handlers = {
    'certificatesigningrequests/approval': { GET: approval.get, PUT: approval.update, PATCH: approval.patch },
    'namespaces/finalize': { PUT: finalizeHandler(namespaces) },
    'pods/attach': { GET: attach, POST: attach },
    'pods/binding': { POST: bind },
    'pods/eviction': { POST: evictHandler({ pods, budgets: poddisruptionbudgets }) },
    'pods/exec': { GET: exec, POST: exec },
    'pods/portforward': { GET: portForward, POST: portForward },
    ...proxyHandlers({ nodes, pods, services }, kubelets.options),
    'pods/log': { GET: createLogHandler({ pods, nodes }, kubelets) },
    'serviceaccounts/token': {
      POST: tokenHandler({ serviceAccounts: serviceaccounts, pods, secrets, nodes }, issuer),
    },
  }
  const kinds = {
    certificatesigningrequests: certificatesigningrequests.kind,
    namespaces: namespaces.kind,
    nodes: nodes.kind,
    pods: pods.kind,
    serviceaccounts: serviceaccounts.kind,
    services: services.kind,
  }
  const endpoints = Object.entries(subresources).map(([id, { resource, name }]): Endpoint => {
    const kind = kinds[resource as keyof typeof kinds]
    return {
      path: `${collectionPathOf(kind)}/:name/${name}`,
      resource: { group: kind.group, plural: kind.plural, subresource: name },
      handlers: handlers[id as SubresourceName],
      ...(name === 'proxy' && { readsBody: true as const }),
    }
  })
  const bindings: Endpoint = {
    path: `${rootOf(pods.kind)}/namespaces/:namespace/bindings`,
    resource: { group: '', plural: 'bindings' },
    handlers: { POST: bind },
  }
  return [...endpoints, bindings]
}
