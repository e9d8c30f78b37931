/** Requests as bytes: what no HTTP library would send. */
import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'

export interface RawAnswer {
  /** 0: the connection was closed without an answer. */
  status: number
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>
  text: string
}

export async function openRaw(url: string, ca: string): Promise<TLSSocket> {
  const { hostname: host, port } = new URL(url)
  const socket = connect({ host, port: Number(port), ca, servername: '' })
  await once(socket, 'secureConnect')
  return socket
}

/** The first answer in a connection's bytes. */
export function parseAnswer(bytes: Buffer): RawAnswer {
  const text = bytes.toString()
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) return { status: 0, headers: {}, text }
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  return { status: Number(statusLine.split(' ')[1]), headers, text: text.slice(end + 4) }
}

/** Sends bytes on a connection of their own and waits until the server closes it. */
export async function sendRaw(url: string, ca: string, bytes: string | Buffer): Promise<RawAnswer> {
  const socket = await openRaw(url, ca)
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  // What the server thinks of the bytes is in its answer; how the connection ends does not matter.
  socket.on('error', () => socket.destroy())
  socket.write(bytes)
  await once(socket, 'close')
  return parseAnswer(Buffer.concat(chunks))
}
