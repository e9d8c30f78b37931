import type { TLSSocket } from 'node:tls'
import { authenticated, type Identity } from './identity.ts'

const asList = (value: string | string[] | undefined): string[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value]

/** The identity of a verified client certificate: the common name is the user, the organizations are the groups. */
function readCertificate(socket: TLSSocket): Identity | undefined {
  if (!socket.authorized) return undefined
  const { subject } = socket.getPeerCertificate()
  const [user] = asList(subject?.CN)
  return user === undefined || user === '' ? undefined : authenticated({ user, groups: asList(subject.O) })
}

/**
 * Reads identities from client certificates, once per connection: parsing a certificate costs more than answering a
 * request, and a connection's certificate never changes.
 */
export function createCertificateAuthenticator(): (socket: TLSSocket) => Identity | undefined {
  const known = new WeakMap<TLSSocket, { identity: Identity | undefined }>()
  return (socket) => {
    const found = known.get(socket) ?? { identity: readCertificate(socket) }
    known.set(socket, found)
    return found.identity
  }
}
