/** A bare HTTPS server of Node.js: the least that serving some bytes costs. What it serves comes by IPC, its port goes. */
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface BareServing {
  cert: string
  key: string
  /** Body of each path. */
  bodies: Readonly<Record<string, string>>
}

process.once('message', ({ cert, key, bodies }: BareServing) => {
  const bytes = new Map(Object.entries(bodies).map(([path, body]) => [path, Buffer.from(body)]))
  const server = createServer({ cert, key }, (request, response) => {
    const body = bytes.get(request.url!)!
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body)
  })
  server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port))
})
