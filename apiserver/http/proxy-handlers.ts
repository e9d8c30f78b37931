/** Finds the targets of the `proxy` subresources in the registry. */
import type { Node } from '../../shared/api/node/node.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { Service } from '../../shared/api/service/service.ts'
import { formatSelector, selectorFromMap } from '../../shared/labels.ts'
import { getObject } from '../registry/get.ts'
import { listObjects } from '../registry/list.ts'
import { nodeTarget, parseProxyName, podTarget, serviceTarget } from '../registry/proxy-target.ts'
import type { Resource } from '../registry/resource.ts'
import type { ApiRequest, Handler, Method } from './exchange.ts'
import type { KubeletClientOptions } from './kubelet-proxy.ts'
import { createProxyHandler, type FindTarget } from './proxy.ts'
import { targetOf } from './resource-endpoints.ts'

const METHODS: readonly Method[] = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE']

const everyMethod = (handler: Handler) => Object.fromEntries(METHODS.map((method) => [method, handler]))

/** What stands for a name in the path, and the object that it names. */
async function named(resource: Resource, request: ApiRequest) {
  const target = targetOf(request)
  const parsed = parseProxyName(target.name, resource.kind.plural.replace(/s$/, ''))
  return { parsed, object: (await getObject(resource, { ...target, name: parsed.name })).object }
}

/** The pods that a service selects: none, where it selects by no label. */
async function podsOf(pods: Resource, { metadata, spec }: Service): Promise<Pod[]> {
  const labelSelector = formatSelector(selectorFromMap(spec.selector))
  if (labelSelector === '') return []
  const { items } = await listObjects(pods, { namespace: metadata.namespace!, labelSelector })
  return items.map(({ object }) => object as Pod)
}

export function proxyHandlers(
  { pods, nodes, services }: Record<'nodes' | 'pods' | 'services', Resource>,
  kubelet: KubeletClientOptions,
) {
  const ofPod: FindTarget = async (request) => {
    const { parsed, object } = await named(pods, request)
    return podTarget(object as Pod, parsed)
  }
  const ofService: FindTarget = async (request) => {
    const { parsed, object } = await named(services, request)
    const service = object as Service
    return serviceTarget(service, parsed, { pods: await podsOf(pods, service), random: Math.random() })
  }
  const ofNode: FindTarget = async (request) => {
    const { parsed, object } = await named(nodes, request)
    return nodeTarget(object as Node, parsed)
  }
  const handlers = (find: FindTarget) => everyMethod(createProxyHandler(find, kubelet))
  return { 'pods/proxy': handlers(ofPod), 'services/proxy': handlers(ofService), 'nodes/proxy': handlers(ofNode) }
}
