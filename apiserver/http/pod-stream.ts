/** `pods/exec`, `pods/attach` and `pods/portforward`: passes a client on to the kubelet of the pod's node, which speaks with it from then on. */
import type { Node } from '../../shared/api/node/node.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import { ApiError, badRequest, internalError } from '../../shared/errors.ts'
import { getObject } from '../registry/get.ts'
import { kubeletAddressOf } from '../registry/pod-log.ts'
import {
  portForwardPathOf,
  STREAM_FLAGS,
  type StreamQuery,
  type StreamSubresource,
  streamPathOf,
} from '../registry/pod-stream.ts'
import type { Resource } from '../registry/resource.ts'
import { dialFailure } from './dial.ts'
import { type Handler, one, type Query } from './exchange.ts'
import type { KubeletProxy } from './kubelet-proxy.ts'
import { join, type UpgradeAnswer } from './kubelet-upgrade.ts'
import { targetOf } from './resource-endpoints.ts'
import { upgradeHeadersOf } from './upgrade-headers.ts'

const isOn = (text: string | undefined) => text === 'true' || text === '1'

const streamQueryOf = (query: Query): StreamQuery => ({
  container: one(query, 'container'),
  command: [query.command ?? []].flat(),
  wanted: STREAM_FLAGS.filter((flag) => isOn(one(query, flag))),
})

/** A kubelet's refusal as the API server's own. */
function refusalOf({ statusCode, text }: Extract<UpgradeAnswer, { is: 'refused' }>): ApiError {
  if (statusCode === 400) return badRequest(text)
  if (statusCode === 500) return internalError(`unable to upgrade connection: ${text}`)
  if (statusCode === 404) return new ApiError(404, 'NotFound', text)
  return new ApiError(statusCode, '', text)
}

/** The kubelet's path of what a request means, and its node. */
function pathOf(
  subresource: StreamSubresource | 'portforward',
  pod: Pod,
  query: Query,
): { node: string; path: string } {
  return subresource === 'portforward'
    ? portForwardPathOf(pod, [query.ports ?? []].flat())
    : streamPathOf(subresource, pod, streamQueryOf(query))
}

/** Finds the pod's kubelet and asks it for what the client asks for; whatever it refuses is refused here. */
export function createStreamHandler(
  subresource: StreamSubresource | 'portforward',
  { pods, nodes }: Record<'pods' | 'nodes', Resource>,
  kubelets: KubeletProxy,
): Handler {
  return async (request) => {
    const pod = (await getObject(pods, targetOf(request))).object as Pod
    const { node, path } = pathOf(subresource, pod, request.query)
    const address = kubeletAddressOf((await getObject(nodes, { name: node })).object as Node)
    if (!request.isUpgrade) throw badRequest('Upgrade request required')
    const asked = { method: request.method, path, headers: upgradeHeadersOf(request.headers) }
    const answer = await kubelets.upgrade(address, asked).catch((error: Error) => {
      throw new ApiError(500, '', `error dialing backend: ${dialFailure(address, error)}`)
    })
    if (answer.is === 'refused') throw refusalOf(answer)
    return { tunnel: (client, { signal }) => join(client, answer, signal) }
  }
}
