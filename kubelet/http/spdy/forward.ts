/**
 * Upstream's `portforward.k8s.io`: for each connection the client opens two streams with the same request ID, one for data
 * and one on which it is told what goes wrong.
 */
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Clock } from '../../../shared/clock.ts'
import type { ForwardTarget } from '../port-forward.ts'
import { SpdyConnection, type SpdyStream } from './connection.ts'

/** How long the second stream of a pair may be missing, as upstream. */
const PAIR_TIMEOUT_MS = 30_000

interface Pair {
  data?: SpdyStream
  error?: SpdyStream
}

/** Passes one connection on, in each direction to its end. */
async function forward({ data, error }: Required<Pair>, { dial }: ForwardTarget): Promise<void> {
  // The client sends nothing there.
  error.resume()
  let connection: Duplex
  try {
    connection = await dial(portOf(data))
  } catch (cause) {
    error.end((cause as Error).message)
    data.resume()
    data.end()
    return
  }
  try {
    await Promise.all([pipeline(data, connection), pipeline(connection, data)])
  } catch {
    // One end broke off, which the other learns by the same.
    connection.destroy()
    data.destroy()
  }
  error.end()
}

const portOf = ({ headers }: SpdyStream): number => {
  const text = headers.get('port') ?? ''
  if (!/^\d{1,5}$/.test(text) || Number(text) < 1 || Number(text) > 65535)
    throw new Error(`unable to parse ${JSON.stringify(text)} as a port`)
  return Number(text)
}

/** Serves a client until it leaves. */
export async function forwardOverSpdy(transport: Duplex, target: ForwardTarget, clock: Clock): Promise<void> {
  /** Those of which one stream is there, by request ID. */
  const pairs = new Map<string, Pair>()
  const connection = new SpdyConnection(transport, {
    onStream(stream) {
      const type = stream.headers.get('streamtype')
      const id = stream.headers.get('requestid') ?? stream.headers.get('port') ?? ''
      const pair = pairs.get(id) ?? {}
      if ((type !== 'data' && type !== 'error') || pair[type] !== undefined) return void stream.destroy()
      pair[type] = stream
      pairs.set(id, pair)
      const { data, error } = pair
      if (data !== undefined && error !== undefined) {
        pairs.delete(id)
        void forward({ data, error }, target)
        return
      }
      const cancel = clock.after(PAIR_TIMEOUT_MS, () => {
        if (pairs.get(id) !== pair) return
        pairs.delete(id)
        stream.destroy()
      })
      stream.once('close', cancel)
    },
  })
  await connection.closed
}
