/** Answers that go on: who they are for, and how to end them all. */
import type { ServerResponse } from 'node:http'
import type { WebSocket } from 'ws'
import type { Logger } from '../../shared/log.ts'
import type { Call } from './call.ts'
import type { ClientConnection, Endpoint, StreamAnswer, StreamContext, TunnelAnswer } from './exchange.ts'

export interface StreamsOptions {
  log: Logger
  minRequestTimeoutSeconds: number
  /** The counter of the watch events of an endpoint. */
  eventsOf(endpoint: Endpoint): { count: number }
}

export interface Streams {
  /** Runs an answer to its end. */
  run(call: Call, response: ServerResponse, answer: StreamAnswer): Promise<void>
  runSocket(call: Call, socket: WebSocket, stream: NonNullable<StreamAnswer['streamSocket']>): Promise<void>
  runTunnel(call: Call, client: ClientConnection, answer: TunnelAnswer): Promise<void>
  /** The requests whose answers go on at present. */
  running(): Iterable<Call>
  endAll(): void
}

/** What an answer goes to, as far as its end is concerned. */
interface Receiver {
  once(event: 'close' | 'error', listener: () => void): unknown
}

export function createStreams({ log, minRequestTimeoutSeconds, eventsOf }: StreamsOptions): Streams {
  /** How to end each of those that go on. */
  const running = new Map<Call, AbortController>()
  let isEnding = false

  async function runTo(
    call: Call,
    receiver: Receiver,
    { stream, isGone, destroy }: { stream(context: StreamContext): Promise<void>; isGone(): boolean; destroy(): void },
  ): Promise<void> {
    const ended = new AbortController()
    const end = () => ended.abort()
    receiver.once('close', end)
    // A client that leaves while something is being written to it: `close` follows.
    receiver.once('error', end)
    running.set(call, ended)
    if (isEnding || isGone()) end()
    try {
      await stream({ signal: ended.signal, events: eventsOf(call.endpoint!), minRequestTimeoutSeconds })
    } catch (error) {
      log.error({ err: error, auditId: call.auditId }, 'a stream failed')
      destroy()
    } finally {
      running.delete(call)
    }
  }

  return {
    run(call, response, { stream }) {
      if (!response.headersSent) response.setHeader('audit-id', call.auditId)
      return runTo(call, response, {
        stream: (context) => stream(response, context),
        isGone: () => response.destroyed,
        destroy: () => response.destroy(),
      })
    },
    runSocket: (call, socket, stream) =>
      runTo(call, socket, {
        stream: (context) => stream(socket, context),
        isGone: () => socket.readyState !== socket.OPEN,
        destroy: () => socket.terminate(),
      }),
    runTunnel: (call, client, { tunnel }) =>
      runTo(call, client.socket, {
        stream: (context) => tunnel(client, context),
        isGone: () => client.socket.destroyed,
        destroy: () => client.socket.destroy(),
      }),
    running: () => running.keys(),
    endAll() {
      isEnding = true
      for (const ended of running.values()) ended.abort()
    },
  }
}
