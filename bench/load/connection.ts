/**
 * One kept-open HTTPS connection of the load generator. It writes requests that were made ready beforehand and reads no
 * more of an answer than its status and its length: a client library would cost more than the server that it measures.
 */
import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'

export interface Target {
  host: string
  port: number
  /** PEM of the server's authority. */
  ca: string
  /** Bearer token. */
  token: string
  /** PEM of a client certificate and its key, where one is shown. */
  cert?: string
  key?: string
}

const HEAD_END = Buffer.from('\r\n\r\n')
const LENGTH = /\r\ncontent-length: (\d+)/i

/** A whole request as bytes. */
export function requestBytes({ host, token }: Target, method: string, path: string, body?: string): Buffer {
  const content =
    body === undefined ? '' : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`
  const head = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\naccept: application/json\r\n`
  return Buffer.from(`${head}${content}\r\n${body ?? ''}`)
}

export async function openSocket({ host, port, ca }: Target): Promise<TLSSocket> {
  const socket = connect({ host, port, ca, servername: host === '127.0.0.1' ? '' : host })
  await once(socket, 'secureConnect')
  socket.setNoDelay(true)
  return socket
}

export interface Connection {
  /** Sends one request and waits for its answer. Throws where the status is not the wanted one. */
  send(request: Buffer, wantedStatus: number): Promise<void>
  close(): void
}

export async function openConnection(target: Target): Promise<Connection> {
  const socket = await openSocket(target)
  let head: Buffer = Buffer.alloc(0)
  /** Bytes of the answer's body that are still to come; undefined while its head is incomplete. */
  let missing: number | undefined
  let answered: ((status: number) => void) | undefined
  let status = 0
  let failed: (error: Error) => void = () => undefined

  const finish = () => {
    missing = undefined
    head = Buffer.alloc(0)
    const resolve = answered
    answered = undefined
    resolve?.(status)
  }
  const readHead = (chunk: Buffer) => {
    head = head.length === 0 ? chunk : Buffer.concat([head, chunk])
    const end = head.indexOf(HEAD_END)
    if (end === -1) return
    const text = head.toString('latin1', 0, end)
    status = Number(text.slice(9, 12))
    missing = Number(LENGTH.exec(text)?.[1] ?? 0) - (head.length - end - HEAD_END.length)
    if (missing <= 0) finish()
  }
  socket.on('data', (chunk: Buffer) => {
    if (missing === undefined) return readHead(chunk)
    missing -= chunk.length
    if (missing <= 0) finish()
  })
  socket.on('error', (error) => failed(error))
  socket.on('close', () => failed(new Error('the server has closed the connection')))

  return {
    send: (request, wantedStatus) =>
      new Promise((resolve, reject) => {
        failed = reject
        answered = (got) =>
          got === wantedStatus ? resolve() : reject(new Error(`status ${got} instead of ${wantedStatus}`))
        socket.write(request)
      }),
    close() {
      failed = () => undefined
      socket.destroy()
    },
  }
}
