/** The `proxy` subresources: passes requests of any kind on to a pod, to one of a service's pods, or to a node. */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, STATUS_CODES } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { pipeline } from 'node:stream/promises'
import { ApiError, unavailable } from '../../shared/errors.ts'
import { joinHostPort } from '../../shared/host-port.ts'
import type { ProxyTarget } from '../registry/proxy-target.ts'
import { ANSWER_TIMEOUT_MS, dialFailure, limitSteps } from './dial.ts'
import type { Answer, ApiRequest, Handler } from './exchange.ts'
import type { KubeletClientOptions } from './kubelet-proxy.ts'
import { join, requestUpgrade } from './kubelet-upgrade.ts'
import { requestHeaders, responseHeaders } from './proxy-headers.ts'
import { upgradeHeadersOf } from './upgrade-headers.ts'

/** Finds out where a request goes. Throws ApiErrors. */
export type FindTarget = (request: ApiRequest) => Promise<ProxyTarget>

const originOf = ({ isTls, host, port }: ProxyTarget) => `${isTls ? 'https' : 'http'}://${joinHostPort(host, port)}`

const unreachable = (target: ProxyTarget, error: Error) =>
  unavailable(`error trying to reach service: ${dialFailure(target, error)}`)

/** The client's certificate for kubelets; anything else is asked as it is, as upstream does. */
const identityFor = ({ isKubelet }: ProxyTarget, { certificate, key, authority }: KubeletClientOptions) =>
  isKubelet
    ? { cert: certificate, key, ca: authority, rejectUnauthorized: authority !== undefined }
    : { rejectUnauthorized: false }

interface Passing {
  target: ProxyTarget
  /** What comes after `/proxy` in the client's path, with the query. */
  path: string
  /** What comes before that. */
  prefix: string
  kubelet: KubeletClientOptions
}

/** Begins to pass a request on; resolves with the head of the answer. */
function begin({ incoming, method, headers, path: uri }: ApiRequest, { target, path, kubelet }: Passing) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const { isTls, host, port } = target
  // Its own for each request: one that does not keep alive tells the server, which then closes the connection on a client
  // that has not sent all of its body.
  const agent = new (isTls ? HttpsAgent : HttpAgent)({ keepAlive: true })
  const asked = (isTls ? httpsRequest : httpRequest)({
    host,
    port,
    method,
    path,
    headers: requestHeaders(headers, { host: joinHostPort(target.host, target.port), uri }),
    agent,
    timeout: ANSWER_TIMEOUT_MS,
    ...(isTls && identityFor(target, kubelet)),
  })
  const hasAnswered = limitSteps(asked, { isTls })
  asked.once('response', (response) => {
    hasAnswered()
    resolve(response)
  })
  asked.on('error', reject)
  asked.once('close', () => {
    agent.destroy()
    // It has begun to speak another protocol, which nobody has asked for: that is no answer.
    reject(new Error('EOF'))
  })
  // A client that breaks off has its request broken off; an answer that came before its end is passed on all the same.
  pipeline(incoming, asked).catch(() => undefined)
  return promise
}

function passOn(response: IncomingMessage, { target, prefix }: Passing): Answer {
  return {
    async stream(answer, { signal }) {
      const { statusCode = 502, headers } = response
      answer.writeHead(statusCode, responseHeaders(headers, { prefix, origins: [originOf(target)] }))
      answer.flushHeaders()
      await pipeline(response, answer, { signal }).catch((error) => {
        // One of both broke off, which the other learns by its connection's end.
        if (!signal.aborted && !answer.destroyed) throw error
      })
    },
  }
}

async function upgrade(request: ApiRequest, { target, path, kubelet }: Passing): Promise<Answer> {
  const asked = { method: request.method, path, headers: upgradeHeadersOf(request.headers) }
  const answer = await requestUpgrade(target, asked, target.isKubelet ? kubelet : {}).catch((error) => {
    throw unreachable(target, error)
  })
  if (answer.is === 'upgraded') return { tunnel: (client, { signal }) => join(client, answer, signal) }
  const { statusCode, text } = answer
  throw new ApiError(statusCode, '', text === '' ? (STATUS_CODES[statusCode] ?? '') : text)
}

/** A page's links are relative to its path, which ends with a slash for the root of a target, as upstream. */
const redirectToRoot = (path: string): Answer => ({
  status: 301,
  contentType: 'text/html; charset=utf-8',
  headers: { location: `${path}/` },
  body: '',
})

export function createProxyHandler(find: FindTarget, kubelet: KubeletClientOptions): Handler {
  return async (request) => {
    const { incoming, path: whole, method, isUpgrade } = request
    const rest = proxiedPart(whole)
    const isPage = (method === 'GET' || method === 'HEAD') && !isUpgrade
    if (rest === '' && isPage) return redirectToRoot(whole)
    const search = incoming.url!.slice(whole.length)
    const prefix = whole.slice(0, whole.length - rest.length)
    const passing = { target: await find(request), path: `${rest === '' ? '/' : rest}${search}`, prefix, kubelet }
    if (isUpgrade) return upgrade(request, passing)
    const response = await begin(request, passing).catch((error) => {
      throw unreachable(passing.target, error)
    })
    return passOn(response, passing)
  }
}

/** What comes after the subresource in a path: `/api/v1/nodes/NAME/proxy`, or with a namespace two parts more. */
function proxiedPart(path: string): string {
  const parts = path.split('/')
  const before = parts[3] === 'namespaces' ? 8 : 6
  return parts.length <= before ? '' : `/${parts.slice(before).join('/')}`
}
