import { readFile } from 'node:fs/promises'
import { pinOf } from '../../shared/certificates/certificate-facts.ts'
import type { Client } from '../../shared/client/client.ts'
import { createClient } from '../../shared/client/http-client.ts'
import { secrets } from '../../shared/client/resources.ts'
import { isExposed, reachableAddresses } from '../bind-address.ts'
import { ClusterError } from '../cluster-error.ts'
import type { ClusterOptions } from '../components.ts'
import { certificatePath } from '../credentials.ts'
import { hasExpired, NAMESPACE, newToken, TOKEN_TYPE, tokenSecret } from './token.ts'

/** What another machine needs to join. */
export interface Invitation {
  /** The command to run there. It holds a secret. */
  command: string
  /** Further addresses of the API server, of which that machine may reach another one only. */
  otherAddresses: string[]
}

/** Removes the tokens that have expired: they let nobody in any more (upstream's token cleaner). */
async function removeExpired(client: Client, nowMs: number): Promise<void> {
  const { items } = await client.list(secrets, { namespace: NAMESPACE, fieldSelector: `type=${TOKEN_TYPE}` })
  const expired = items.filter((secret) => hasExpired(secret, nowMs))
  await Promise.all(expired.map(({ metadata: { name } }) => client.delete(secrets, { name, namespace: NAMESPACE })))
}

/** Makes a token and says how it is used. Throws a ClusterError where no other machine could use it. */
export async function invite({ layout, bindAddress, port, timing, runtime }: ClusterOptions): Promise<Invitation> {
  if (!isExposed(bindAddress)) {
    const way = 'start it with "kubeproc up --bind-address ADDRESS", with an address of this machine or 0.0.0.0'
    throw new ClusterError(`no other machine reaches this cluster: it listens on ${bindAddress} only; ${way}`)
  }
  const [address, ...otherAddresses] = reachableAddresses(bindAddress)
  if (address === undefined) throw new ClusterError('this machine has no IPv4 address that another one could reach')
  const pin = pinOf(await readFile(certificatePath(layout, 'ca'), 'utf8'))
  const token = newToken()
  const client = createClient({ kubeconfig: layout.kubeconfig, userAgent: 'kubeproc' })
  try {
    const nowMs = Date.now()
    await removeExpired(client, nowMs)
    await client.create(secrets, tokenSecret(token, nowMs))
  } finally {
    await client.close()
  }
  const words = [
    `npx kubeproc node join https://${address}:${port}`,
    `--token ${token.id}.${token.secret}`,
    `--ca-cert-hash ${pin}`,
    // What a node must have in common with its cluster; the rest is the other machine's own affair.
    ...(runtime === 'process' ? [] : [`--runtime ${runtime}`]),
    ...(timing === 'local' ? [] : [`--timing ${timing}`]),
  ]
  return { command: words.join(' '), otherAddresses }
}
