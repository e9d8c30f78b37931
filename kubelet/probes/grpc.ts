/** gRPC's health check (`grpc.health.v1.Health/Check`), one call on a connection of its own. */
import { connect } from 'node:http2'
import { dialError, failure, type Outcome, SUCCESS } from './outcome.ts'

/** `HealthCheckResponse.ServingStatus`. */
const STATUS_NAMES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN']
const SERVING = 1
/** `grpc-status` of a server without the health service. */
const UNIMPLEMENTED = '12'

/** Protocol Buffers' wire form of `{ service }`, as one uncompressed gRPC message. */
function request(service: string): Buffer {
  const name = Buffer.from(service)
  const length: number[] = []
  for (let rest = name.length; ; rest >>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest)
    if (rest <= 127) break
  }
  const message = name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, ...length]), name])
  const frame = Buffer.alloc(5)
  frame.writeUInt32BE(message.length, 1)
  return Buffer.concat([frame, message])
}

/** The status in an answer: field 1, a small number; absent it is 0. */
const statusOf = (answer: Buffer) => (answer.length >= 7 && answer[5] === 0x08 ? answer[6]! : 0)

function verdict(grpcStatus: unknown, answer: Buffer, address: string): Outcome {
  if (grpcStatus === UNIMPLEMENTED) {
    return failure(`error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${address}`)
  }
  if (grpcStatus !== undefined && grpcStatus !== '0') {
    return failure(`error: health rpc probe failed: grpc status ${grpcStatus}`)
  }
  const status = statusOf(answer)
  return status === SERVING
    ? SUCCESS
    : failure(`service unhealthy (responded with "${STATUS_NAMES[status] ?? status}")`)
}

export function probeGrpc(
  { host, port, service }: { host: string; port: number; service: string },
  signal: AbortSignal,
): Promise<Outcome> {
  const address = `${host}:${port}`
  return new Promise((resolve) => {
    const session = connect(`http://${address}`)
    const finish = (outcome: Outcome) => {
      signal.removeEventListener('abort', onTimeout)
      session.destroy()
      resolve(outcome)
    }
    const onTimeout = () => finish(failure(`timeout: failed to connect service "${address}" within the time limit`))
    // Of a connection that fails the stream learns first, with the failure as the cause of its own.
    const onError = (error: Error) => {
      finish(failure(`error: failed to connect: ${dialError(error.cause ?? error, host, port)}`))
    }
    signal.addEventListener('abort', onTimeout, { once: true })
    session.on('error', onError)
    const stream = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      'user-agent': 'kube-probe/1.33',
      te: 'trailers',
    })
    const chunks: Buffer[] = []
    let grpcStatus: unknown
    stream.on('error', onError)
    stream.on('response', (headers) => (grpcStatus = headers['grpc-status']))
    stream.on('trailers', (headers) => (grpcStatus = headers['grpc-status'] ?? grpcStatus))
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('close', () => finish(verdict(grpcStatus, Buffer.concat(chunks), address)))
    stream.end(request(service))
  })
}
