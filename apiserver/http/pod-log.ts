import { pipeline } from 'node:stream/promises'
import type { Node } from '../../shared/api/node/node.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import { ApiError, badRequest, internalError } from '../../shared/errors.ts'
import { getObject } from '../registry/get.ts'
import {
  chooseContainer,
  kubeletAddressOf,
  LOG_PARAMETERS,
  type LogQuery,
  logPathOf,
  validateLogQuery,
} from '../registry/pod-log.ts'
import type { Resource } from '../registry/resource.ts'
import { type ApiRequest, type Handler, one, type StreamAnswer } from './exchange.ts'
import type { KubeletProxy, KubeletResponse } from './kubelet-proxy.ts'
import { targetOf } from './resource-endpoints.ts'

const LOG_TYPE = 'text/plain'

/** How much of a kubelet's error is passed on. */
const ERROR_CHARACTERS_MAX = 50_000

const logQueryOf = ({ query }: ApiRequest): LogQuery =>
  Object.fromEntries(LOG_PARAMETERS.map((name) => [name, one(query, name)]))

/** A kubelet's refusal as the API server's own. */
async function refusalOf({ statusCode, body }: KubeletResponse, name: string): Promise<ApiError> {
  const text = (await body.text()).slice(0, ERROR_CHARACTERS_MAX)
  if (statusCode === 400) return badRequest(text)
  if (statusCode === 500) return internalError(text)
  if (statusCode === 404)
    return new ApiError(404, 'NotFound', `the server could not find the requested resource ( pods/log ${name})`, {
      name,
      kind: 'pods/log',
      causes: [{ reason: 'UnexpectedServerResponse', message: text }],
    })
  return new ApiError(statusCode, '', text)
}

const unreachable = (address: { host: string; port: number }, path: string, error: Error) =>
  new ApiError(500, '', `Get "https://${address.host}:${address.port}${path}": ${error.message}`)

/** Passes a kubelet's log on as it comes; a reader that is slow slows the kubelet down, and one that leaves lets it go. */
const passOn = ({ body }: KubeletResponse, abort: AbortController): StreamAnswer => ({
  async stream(response, { signal }) {
    signal.addEventListener('abort', () => abort.abort(), { once: true })
    response.writeHead(200, { 'content-type': LOG_TYPE })
    response.flushHeaders()
    await pipeline(body, response, { signal: abort.signal }).catch((error) => {
      if (!abort.signal.aborted) throw error
    })
  },
})

/** `pods/log`: finds the pod's kubelet and passes the container's log on. */
export function createLogHandler({ pods, nodes }: Record<'pods' | 'nodes', Resource>, kubelets: KubeletProxy): Handler {
  return async (request) => {
    const target = targetOf(request)
    const query = logQueryOf(request)
    validateLogQuery(target.name, query)
    const pod = (await getObject(pods, target)).object as Pod
    const container = chooseContainer(pod, query.container)
    // Not on any node yet: there is no log, and that is no error.
    if (!pod.spec.nodeName) return { status: 204, contentType: LOG_TYPE, body: '' }
    const node = (await getObject(nodes, { name: pod.spec.nodeName })).object as Node
    const address = kubeletAddressOf(node)
    const path = logPathOf(pod, container, query)
    const abort = new AbortController()
    const response = await kubelets.get(address, path, abort.signal).catch((error: Error) => {
      throw unreachable(address, path, error)
    })
    if (response.statusCode !== 200) throw await refusalOf(response, target.name)
    return passOn(response, abort)
  }
}
