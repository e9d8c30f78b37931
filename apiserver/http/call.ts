/** One request on its way through the server: what is known of it so far, for its answer, the metrics and the audit log. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Decision } from '../auth/authorize.ts'
import type { Identity } from '../auth/identity.ts'
import type { ApiRequest, Endpoint } from './exchange.ts'

export interface Call {
  readonly raw: IncomingMessage
  /** Names the request in its answer's `Audit-Id` header, the logs and the audit log. */
  readonly auditId: string
  readonly receivedMs: number
  /** Without the query. */
  readonly path: string
  /** Undefined where nothing is served under the path. */
  readonly endpoint: Endpoint | undefined
  /** Authorization's word for what the request does. */
  verb: string
  /** Undefined until the request has proved who sent it. */
  identity: Identity | undefined
  /** Who has sent the request as somebody else, if anybody has. */
  impersonator: Identity | undefined
  /** Whether it was allowed; undefined until that was asked. */
  decision: Decision | undefined
  /** Undefined until then as well. Its body comes last. */
  request: ApiRequest | undefined
}

/** How a request was answered. */
export interface Outcome {
  code: number
  /** Of an error. */
  reason?: string
}

/** Told once of each request, when its answer is complete. */
export type CallObserver = (call: Call, outcome: Outcome) => void

/** A client may name its request itself, in characters that do no harm in a log. */
const AUDIT_ID = /^[\w.:-]{1,64}$/

export function createCall(
  raw: IncomingMessage,
  { endpoint, receivedMs }: { endpoint?: Endpoint; receivedMs: number },
): Call {
  const url = raw.url!
  const end = url.indexOf('?')
  const given = raw.headers['audit-id']
  return {
    raw,
    auditId: typeof given === 'string' && AUDIT_ID.test(given) ? given : randomUUID(),
    receivedMs,
    path: end === -1 ? url : url.slice(0, end),
    verb: raw.method!.toLowerCase(),
    endpoint,
    identity: undefined,
    impersonator: undefined,
    decision: undefined,
    request: undefined,
  }
}

/** Subresources whose answers go on for as long as the client likes, as upstream counts them. */
const LONG_RUNNING = new Set(['attach', 'exec', 'log', 'portforward', 'proxy'])

/** Whether neither the time limit nor the limit of requests at once applies. */
export const isLongRunning = ({ verb, endpoint }: Call): boolean =>
  verb === 'watch' || LONG_RUNNING.has(endpoint?.resource?.subresource ?? '')

/** Group and version from the path of an endpoint: `/api/v1/…`, `/apis/GROUP/VERSION/…`; empty for other paths. */
export function groupVersionOf(path: string): { group: string; version: string } {
  const [, root, first = '', second = ''] = path.split('/')
  if (root === 'api') return { group: '', version: first }
  return root === 'apis' ? { group: first, version: second } : { group: '', version: '' }
}
