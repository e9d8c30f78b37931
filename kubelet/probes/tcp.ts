import { connect } from 'node:net'
import { dialError, failure, type Outcome, SUCCESS } from './outcome.ts'

/** Opens a TCP connection and closes it again. An aborted signal is the timeout. */
export function probeTcp({ host, port }: { host: string; port: number }, signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const finish = (outcome: Outcome) => {
      signal.removeEventListener('abort', onTimeout)
      socket.destroy()
      resolve(outcome)
    }
    const onTimeout = () => finish(failure(`dial tcp ${host}:${port}: i/o timeout`))
    socket.once('connect', () => finish(SUCCESS))
    socket.on('error', (error) => finish(failure(dialError(error, host, port))))
    if (signal.aborted) onTimeout()
    else signal.addEventListener('abort', onTimeout, { once: true })
  })
}
