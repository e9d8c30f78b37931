/** A client of etcd for the load generator: gRPC over HTTP/2 with TLS and a client certificate, a connection each. */
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2'
import type { Target } from './connection.ts'
import { bytesField, fieldsOf } from './protobuf.ts'

const FRAME_HEAD_BYTES = 5
/** Field numbers of etcd's messages. */
const EVENTS = 11
const KEY_VALUE = 2
const KEY = 1

const frame = (message: Buffer) => {
  const head = Buffer.alloc(FRAME_HEAD_BYTES)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

const begin = (session: ClientHttp2Session, path: string): ClientHttp2Stream =>
  session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' })

export interface EtcdConnection {
  /** Resolves when the value is on disk. */
  put(key: string, value: Buffer): Promise<void>
  /** Watches a prefix: `onKey` is told the key of each change. Resolves when the watch has begun. */
  watch(prefix: string, onKey: (key: string) => void): Promise<void>
  close(): void
}

export function openEtcd({ host, port, ca, cert, key }: Target): EtcdConnection {
  const session = connect(`https://${host}:${port}`, { ca, cert, key, servername: '' })
  // The calls that are under way are told.
  session.on('error', () => session.destroy())
  return {
    put(name, value) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const stream = begin(session, '/etcdserverpb.KV/Put')
      stream.on('error', reject)
      stream.on('trailers', (trailers) =>
        trailers['grpc-status'] === '0'
          ? resolve()
          : reject(new Error(`etcd has answered ${trailers['grpc-message']}`)),
      )
      stream.resume()
      stream.end(frame(Buffer.concat([bytesField(1, Buffer.from(name)), bytesField(2, value)])))
      return promise
    },
    watch(prefix, onKey) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const stream = begin(session, '/etcdserverpb.Watch/Watch')
      // `0` is the character after `/`.
      const range = Buffer.concat([bytesField(1, Buffer.from(`${prefix}/`)), bytesField(2, Buffer.from(`${prefix}0`))])
      stream.on('error', reject)
      stream.write(frame(bytesField(1, range)))
      let rest: Buffer = Buffer.alloc(0)
      stream.on('data', (chunk: Buffer) => {
        rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
        while (rest.length >= FRAME_HEAD_BYTES) {
          const end = FRAME_HEAD_BYTES + rest.readUInt32BE(1)
          if (rest.length < end) break
          for (const key of keysOf(rest.subarray(FRAME_HEAD_BYTES, end))) onKey(key)
          rest = rest.subarray(end)
          resolve() // the first answer says that the watch is there
        }
      })
      return promise
    },
    close: () => session.destroy(),
  }
}

function* keysOf(response: Buffer): Generator<string> {
  for (const event of fieldsOf(response)) {
    if (event.number !== EVENTS) continue
    for (const keyValue of fieldsOf(event.bytes!)) {
      if (keyValue.number !== KEY_VALUE) continue
      for (const { number, bytes } of fieldsOf(keyValue.bytes!)) if (number === KEY) yield bytes!.toString('latin1')
    }
  }
}
