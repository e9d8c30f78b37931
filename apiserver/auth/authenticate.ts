import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { createCertificateAuthenticator } from './client-certificate.ts'
import type { Identity } from './identity.ts'
import { webSocketToken } from './websocket-token.ts'

type Found = Identity | undefined

/**
 * Finds out who sent a request; undefined where it proves nothing or something wrong. Only a token that is seen for the
 * first time takes time.
 */
export type Authenticate = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => Found | Promise<Found>

const bearerToken = (header: string | undefined): string | undefined => /^bearer +(\S+) *$/i.exec(header ?? '')?.[1]

/** Client certificates first, then bearer tokens, as upstream orders them. */
export function createAuthenticator(tokens: (token: string) => Found | Promise<Found>): Authenticate {
  const fromCertificate = createCertificateAuthenticator()
  return ({ headers, socket }) => {
    const identity = fromCertificate(socket as TLSSocket)
    if (identity !== undefined) return identity
    const token = bearerToken(headers.authorization) ?? webSocketToken(headers)
    return token === undefined ? undefined : tokens(token)
  }
}
