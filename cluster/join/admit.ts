/** The first contact of a machine with the cluster that it joins. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createClient } from '../../shared/client/http-client.ts'
import { isApiError } from '../../shared/errors.ts'
import { UsageError } from '../../shared/flags.ts'
import { ClusterError } from '../cluster-error.ts'
import { fetchAuthority } from './authority.ts'
import { isToken } from './token.ts'

const DEFAULT_PORT = '6443'
const PIN = /^sha256:[0-9a-f]{64}$/

/** The API server's URL as people type it: the scheme may be left out. Throws a UsageError. */
export function parseServer(text: string): URL {
  const full = text.includes('://') ? text : `https://${text}`
  const url = URL.canParse(full) ? new URL(full) : undefined
  if (url?.protocol !== 'https:' || url.pathname !== '/' || url.search !== '')
    throw new UsageError(`${JSON.stringify(text)} is not the address of an API server, such as https://ADDRESS:6443`)
  if (url.port === '' && !/:443$/.test(text)) url.port = DEFAULT_PORT
  return url
}

/** Checks what the command line holds, without repeating the secret. Throws a UsageError. */
export function checkWords(token: string, pin: string | undefined): asserts pin is string {
  if (!isToken(token)) throw new UsageError('--token is no bootstrap token: it looks like abcdef.0123456789abcdef')
  if (pin === undefined)
    throw new UsageError('--ca-cert-hash is needed: without it nobody knows whether the token goes to the right server')
  if (!PIN.test(pin)) throw new UsageError('--ca-cert-hash is not sha256: and 64 hexadecimal digits')
}

/** The cluster's authority, once server and token have proved good. Throws a ClusterError. */
export async function admit(server: URL, { token, pin }: { token: string; pin: string }): Promise<string> {
  const authority = await fetchAuthority(server, pin)
  const connection = { server: server.origin, ca: authority, token }
  const client = createClient({ connection, userAgent: 'kubeproc' })
  try {
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
    await client.request('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', review)
  } catch (error) {
    if (!isApiError(error, 'Unauthorized')) throw error
    throw new ClusterError(
      `${server.origin} does not know the token, or it has expired: make another with "kubeproc node join-command" on the cluster's machine`,
    )
  } finally {
    await client.close()
  }
  return authority
}

/** The address by which this machine reaches a server; nothing is sent. Throws a ClusterError where there is no way. */
export async function addressTowards({ hostname, port }: URL): Promise<string> {
  const socket = createSocket('udp4')
  try {
    socket.connect(Number(port || 443), hostname)
    await once(socket, 'connect')
    return socket.address().address
  } catch (error) {
    throw new ClusterError(
      `there is no way to ${hostname} (${(error as Error).message}): give this machine's --node-ip`,
    )
  } finally {
    socket.close()
  }
}
