import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Identity } from '../auth/identity.ts'
import type { AcceptClause } from './negotiate.ts'

/** Query parameters; one that is given several times is a list. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>

/** A request as the handlers see it, without the framework. */
export interface ApiRequest {
  method: string
  /** Without the query. */
  path: string
  query: Query
  headers: IncomingHttpHeaders
  /** Empty where there is none. */
  body: Buffer
  /** The request itself, from which an endpoint with `readsBody` takes the body as it comes. */
  incoming: IncomingMessage
  /** Whether it asks for another protocol that its connection can be given to: else there can be no TunnelAnswer. */
  isUpgrade: boolean
  identity: Identity
  /** The Accept header's clauses, best first. */
  accept: readonly AcceptClause[]
  /** From the path; absent where it names none. */
  namespace?: string
  name?: string
}

/**
 * A body that is made piece by piece while it is sent, as fast as the client takes it. A large piece may use the memory of
 * the one before: who has asked for the next must be done with it.
 */
export interface Pieces {
  /** All bytes together, where that is known. */
  length?: number
  [Symbol.iterator](): Iterator<Buffer>
}

export type Body = Buffer | string | Pieces

/** A whole answer. */
export interface PlainAnswer {
  status: number
  contentType: string
  body: Body
  /** Texts for `Warning` headers, which kubectl prints. */
  warnings?: readonly string[]
  headers?: Readonly<Record<string, string>>
}

/** What an answer that goes on is told of the server. */
export interface StreamContext {
  /** Aborts when the client is gone or the server stops. */
  signal: AbortSignal
  /** Counts the watch events that were sent. */
  events: { count: number }
  /** A watch that does not say how long it wants to go on does so for this long to twice as long. */
  minRequestTimeoutSeconds: number
}

/** An answer that goes on: it writes the response itself, until its end or until the signal aborts. */
export interface StreamAnswer {
  stream(response: ServerResponse, context: StreamContext): Promise<void>
  /** Present where the same can go over a WebSocket, for requests that ask for one. */
  streamSocket?(socket: WebSocket, context: StreamContext): Promise<void>
}

/** The connection of a client that has asked for another protocol, taken out of HTTP before it was answered. */
export interface ClientConnection {
  socket: Duplex
  /** What it has sent since. */
  head: Buffer
}

/** An answer that takes over the connection of a client that has asked for a WebSocket, and begins with its own head. */
export interface TunnelAnswer {
  tunnel(client: ClientConnection, context: StreamContext): Promise<void>
}

export type Answer = PlainAnswer | StreamAnswer | TunnelAnswer
export type Handler = (request: ApiRequest) => Promise<Answer> | Answer

export type Method = 'GET' | 'HEAD' | 'OPTIONS' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Everything that is served under one path, and who it is for authorization. */
export interface Endpoint {
  /** With parameters as `:namespace` and `:name`. */
  path: string
  /** What the path addresses; absent for what is no resource. */
  resource?: { group: string; plural: string; subresource?: string }
  /** A method that is not here is not allowed. */
  handlers: Partial<Record<Method, Handler>>
  /** It takes bodies of any length as they come; else they have been read. */
  readsBody?: true
}

export const JSON_TYPE = 'application/json'

/** The first value of a query parameter. */
export function one(query: Query, name: string): string | undefined {
  const value = query[name]
  return typeof value === 'string' || value === undefined ? value : value[0]
}
