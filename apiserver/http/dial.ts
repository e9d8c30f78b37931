/** Connections to kubelets and pods: how long each step of them may take, and what is said of those that fail. */
import type { ClientRequest } from 'node:http'
import type { Socket } from 'node:net'
import { type Clock, systemClock } from '../../shared/clock.ts'
import { joinHostPort } from '../../shared/host-port.ts'

/** How long it may take to connect, the handshake of TLS included: upstream's limit for that alone. */
const CONNECT_TIMEOUT_MS = 10_000
/** How long who is connected to may be silent before its answer begins: to be the `timeout` of the request. */
export const ANSWER_TIMEOUT_MS = 30_000

export interface Address {
  host: string
  port: number
}

/** What the system says of a connection that fails, as programs written in Go say it. */
const CAUSES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ETIMEDOUT: 'i/o timeout',
}

/** Why a connection has failed, in upstream's words where it has some. */
export function dialFailure({ host, port }: Address, { code = '', message }: NodeJS.ErrnoException): string {
  const cause = CAUSES[code]
  return cause === undefined ? message : `dial tcp ${joinHostPort(host, port)}: ${cause}`
}

/**
 * Breaks a request off that is not connected or not answered in time. A process that is stopped, or whose machine is,
 * still has its connections accepted by the system, but nobody there answers the handshake. The request's own
 * `timeout` does not do for that: it passes twice before an unanswered handshake is given up. Returns what is to be
 * called when the answer has begun: from then on silence is no failure.
 */
export function limitSteps(
  asked: ClientRequest,
  { isTls }: { isTls: boolean },
  clock: Clock = systemClock,
): () => void {
  let isDialled = false
  const cancel = clock.after(CONNECT_TIMEOUT_MS, () =>
    asked.destroy(
      isDialled
        ? new Error('net/http: TLS handshake timeout')
        : Object.assign(new Error('connect timeout'), { code: 'ETIMEDOUT' }),
    ),
  )
  const giveUp = () => asked.destroy(new Error(`no answer within ${ANSWER_TIMEOUT_MS} ms`))
  asked.once('socket', (socket: Socket) => {
    socket.once('connect', () => {
      isDialled = true
    })
    socket.once(isTls ? 'secureConnect' : 'connect', cancel)
  })
  asked.once('timeout', giveUp)
  asked.once('close', cancel)
  return () => void asked.removeListener('timeout', giveUp)
}
