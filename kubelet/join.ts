/** How a kubelet comes to its identity: from a kubeconfig that somebody made for it, or by joining with a bootstrap token. */
import { join } from 'node:path'
import { createClient, type RenewableClient } from '../shared/client/http-client.ts'
import { readKubeconfig } from '../shared/client/kubeconfig.ts'
import type { Clock } from '../shared/clock.ts'
import { type FlagValues, UsageError } from '../shared/flags.ts'
import type { Logger } from '../shared/log.ts'
import type { kubeletFlags } from './options.ts'

const USER_AGENT = 'kubelet/v1.33.0'

export interface Membership {
  client: RenewableClient
  /** The pods' range; undefined: the runtime's default. */
  podCidr: string | undefined
  /** What the node serves with, where it has asked the cluster for it. */
  serving?: { certificate: string; key: string }
  /** Keeps the certificates that were asked for from expiring; the new ones for serving are handed to `renewed`. */
  keepFresh(renewed: (serving: { certificate: string; key: string }) => void, signal: AbortSignal): Promise<void>
}

interface JoinOptions {
  node: { name: string; ip: string }
  rootDirectory: string
  clock: Clock
  logger: Logger
}

/** Joins with `--bootstrap-kubeconfig`: waits for the cluster, however long it takes. Throws CertificateRefused. */
async function joinByToken(
  file: string,
  flags: FlagValues<typeof kubeletFlags>,
  options: JoinOptions,
): Promise<Membership> {
  const { node, rootDirectory, clock, logger } = options
  const [{ ensureNodeCredentials }, { announceAddress }, { assignedPodCidr }] = await Promise.all([
    import('./credentials/node-credentials.ts'),
    import('./node/announce-address.ts'),
    import('./node/pod-cidr.ts'),
  ])
  const never = new AbortController().signal
  const credentials = await ensureNodeCredentials(
    {
      bootstrap: readKubeconfig(file),
      certDir: flags['cert-dir'] ?? join(rootDirectory, 'pki'),
      node,
      beforeServing: (asker) => announceAddress({ client: asker, clock, logger }, node, never),
      connect: (connection) => createClient({ connection, userAgent: USER_AGENT }),
      clock,
      logger,
      random: Math.random,
    },
    never,
  )
  const client = createClient({ connection: credentials.connection, userAgent: USER_AGENT })
  return {
    client,
    podCidr: flags['pod-cidr'] ?? (await assignedPodCidr({ client, clock, logger }, node.name, never)),
    serving: credentials.serving,
    keepFresh: (renewed, signal) =>
      credentials.keepFresh(
        client,
        { onClient: (connection) => void client.reconnect(connection), onServing: renewed },
        signal,
      ),
  }
}

/** How a node reaches its cluster: as itself, or with a token by which it joins. */
export type Access = { kubeconfig: string } | { bootstrap: string }

/** What the flags say of that. Throws a UsageError where they say nothing. */
export function accessOf({ kubeconfig, 'bootstrap-kubeconfig': bootstrap }: FlagValues<typeof kubeletFlags>): Access {
  if (bootstrap !== undefined) return { bootstrap }
  if (kubeconfig !== undefined) return { kubeconfig }
  throw new UsageError(
    '--kubeconfig is needed: the file that names the API server; or --bootstrap-kubeconfig, for a node that joins',
  )
}

/** The node's connection to its cluster, its certificate, and its pods' range. */
export async function joinCluster(
  access: Access,
  flags: FlagValues<typeof kubeletFlags>,
  options: JoinOptions,
): Promise<Membership> {
  if ('bootstrap' in access) return joinByToken(access.bootstrap, flags, options)
  const client = createClient({ kubeconfig: access.kubeconfig, userAgent: USER_AGENT })
  return { client, podCidr: flags['pod-cidr'], keepFresh: async () => undefined }
}
