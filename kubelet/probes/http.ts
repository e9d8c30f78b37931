import { createRequire } from 'node:module'
import type { Client as UndiciClient } from 'undici'
import { joinHostPort } from '../../shared/host-port.ts'
import { dialError, failure, type Outcome, SUCCESS } from './outcome.ts'

// The one part of undici that is needed, and that the kubelet's API client has loaded already.
const Client = createRequire(import.meta.url)('undici/lib/dispatcher/client.js') as typeof UndiciClient

/** Redirects that are followed on the same host before the probe gives up, as Go's client does. */
const REDIRECTS_MAX = 10
const TIMED_OUT = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'

export interface HttpTarget {
  scheme: string
  host: string
  port: number
  /** With its query. */
  path: string
  headers: readonly { name: string; value: string }[]
}

/** Throws an Error where the spec's host cannot be one, which nobody has checked. */
function urlOf({ scheme, host, port, path }: HttpTarget): URL {
  const text = `${scheme.toLowerCase()}://${joinHostPort(host, port)}${path.startsWith('/') ? '' : '/'}${path}`
  const url = URL.parse(text)
  if (url === null) throw new Error(`parse ${JSON.stringify(text)}: invalid host name`)
  return url
}

const portOf = ({ port, protocol }: URL) => Number(port || (protocol === 'https:' ? 443 : 80))

/** With the port, also where the scheme has it by itself. */
const shownUrl = (url: URL) => `${url.protocol}//${url.hostname}:${portOf(url)}${url.pathname}${url.search}`

const noAnswerFrom = (url: URL, error: unknown) =>
  `Get "${shownUrl(url)}": ${dialError(error, url.hostname, portOf(url))}`

/** The given headers over the kubelet's own; an empty value takes a header away. */
function headersOf({ headers }: HttpTarget, userAgent: string): Record<string, string[]> {
  const merged: Record<string, string[]> = { 'user-agent': [userAgent], accept: ['*/*'] }
  const own: Record<string, string[]> = {}
  for (const { name, value } of headers) {
    const key = name.toLowerCase()
    own[key] = [...(own[key] ?? []), value]
  }
  Object.assign(merged, own)
  return Object.fromEntries(Object.entries(merged).filter(([, values]) => values.some((value) => value !== '')))
}

/** undici insists on handlers also for what is of no interest. */
const nothing = () => undefined

interface Answer {
  status: number
  location: string | undefined
}

/** One request on a connection of its own, which is closed as soon as the status is known: a probe leaves nothing open. */
function get(url: URL, headers: Record<string, string[]>, signal: AbortSignal): Promise<Answer> {
  // What the probe asks is whether the program answers; upstream does not verify its certificate either.
  const client = new Client(url.origin, { pipelining: 0, allowH2: false, connect: { rejectUnauthorized: false } })
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const abort = () => void client.destroy(signal.reason as Error)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  client.dispatch(
    { method: 'GET', path: `${url.pathname}${url.search}`, headers },
    {
      onRequestStart: nothing,
      onResponseStart(controller, statusCode, answered) {
        const { location } = answered
        resolve({ status: statusCode, location: typeof location === 'string' ? location : undefined })
        // The body is of no interest.
        controller.abort(new Error('the status is known'))
      },
      onResponseData: nothing,
      onResponseEnd: nothing,
      onResponseError: (_controller, error) => reject(error),
    },
  )
  return promise.finally(() => {
    signal.removeEventListener('abort', abort)
    void client.destroy()
  })
}

/** Why a request got no answer. */
export interface NoAnswer {
  message: string
  /** It was asked over TLS, and what came back was none. */
  isPlain: boolean
}

/** How OpenSSL calls an answer that is not TLS. */
const NO_TLS = ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'ERR_SSL_HTTP_REQUEST']

/** Sends one GET request, and returns why it got no answer, if it got none. */
export async function callHttp(
  target: HttpTarget,
  userAgent: string,
  signal: AbortSignal,
): Promise<NoAnswer | undefined> {
  let url: URL | undefined
  try {
    url = urlOf(target)
    await get(url, headersOf(target, userAgent), signal)
    return undefined
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    return { message: url === undefined ? message : noAnswerFrom(url, error), isPlain: NO_TLS.includes(code) }
  }
}

const isRedirect = (status: number) => [301, 302, 303, 307, 308].includes(status)

/**
 * Sends a GET request. Throws where it cannot be sent at all. A status from 200 to 399 is success; a redirect to another host
 * is, with a warning, and is not followed.
 */
export async function probeHttp(target: HttpTarget, signal: AbortSignal): Promise<Outcome> {
  const first = urlOf(target)
  const headers = headersOf(target, 'kube-probe/1.33')
  let url = first
  try {
    for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects++) {
      const { status, location } = await get(url, headers, signal)
      if (isRedirect(status) && location !== undefined) {
        url = new URL(location, url)
        if (url.hostname !== first.hostname) return { is: 'warning', message: 'Probe terminated redirects' }
        continue
      }
      if (status >= 200 && status < 400) return SUCCESS
      return failure(`HTTP probe failed with statuscode: ${status}`)
    }
    return failure(`Get "${shownUrl(url)}": stopped after ${REDIRECTS_MAX} redirects`)
  } catch (error) {
    return failure(signal.aborted ? `Get "${shownUrl(url)}": ${TIMED_OUT}` : noAnswerFrom(url, error))
  }
}
