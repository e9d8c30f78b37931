/**
 * Gets a cluster's authority from its API server, and believes it only where it has the pin that the administrator gave
 * (kubeadm's discovery with a pinned key). Before that, nothing is sent that anybody could use.
 */
import type { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { pinOf } from '../../shared/certificates/certificate-facts.ts'
import { ClusterError } from '../cluster-error.ts'

/** A server that takes longer for a handshake is as good as away. */
const HANDSHAKE_MS = 10_000
/** More than any server's chain; a longer one is not looked at. */
const CHAIN_MAX = 10

/** The certificates that the server shows, its own first. Rejects where the handshake fails. */
async function handshake(server: URL, options: ConnectionOptions): Promise<X509Certificate[]> {
  const host = server.hostname.replace(/^\[|\]$/g, '')
  const socket: TLSSocket = connect({ ...options, host, port: Number(server.port || 443) })
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(HANDSHAKE_MS) })
    const chain: X509Certificate[] = []
    let next = socket.getPeerX509Certificate()
    while (next !== undefined && chain.length < CHAIN_MAX) {
      chain.push(next)
      next = next.issuerCertificate
    }
    return chain
  } finally {
    socket.destroy()
  }
}

const reasonOf = (error: unknown) =>
  (error as Error).name === 'AbortError' ? `no answer within ${HANDSHAKE_MS / 1000} s` : (error as Error).message

/** The authority's certificate, PEM. Throws a ClusterError where the server is not one of the pinned cluster. */
export async function fetchAuthority(server: URL, pin: string): Promise<string> {
  const chain = await handshake(server, { rejectUnauthorized: false }).catch((error) => {
    throw new ClusterError(`${server.origin} cannot be reached: ${reasonOf(error)}`)
  })
  const authority = chain.find((certificate) => certificate.ca && pinOf(certificate.raw) === pin)
  if (authority === undefined) {
    throw new ClusterError(
      `${server.origin} is not the cluster that --ca-cert-hash names, so it was not told the token: look at the address and the hash`,
    )
  }
  const text = authority.toString()
  // Whoever shows an authority need not have a certificate of it.
  await handshake(server, { ca: text }).catch((error) => {
    throw new ClusterError(`${server.origin} has no good certificate of its cluster: ${reasonOf(error)}`)
  })
  return text
}
