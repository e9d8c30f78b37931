/**
 * The certificates of a node that joins: one to say who it is, one to serve with. Both are asked for at the first start,
 * kept in files, and renewed before they expire, each with a new key (upstream's certificate manager).
 */
import { join } from 'node:path'
import type { Client } from '../../shared/client/client.ts'
import type { Connection } from '../../shared/client/connection.ts'
import { type Clock, delay } from '../../shared/clock.ts'
import type { Logger } from '../../shared/log.ts'
import { CertificateRefused } from './certificate-refused.ts'
import { type KeptCertificate, keepCertificate, renewalDueMs } from './kept-certificate.ts'
import type { Certificate, CertificateKind } from './obtain-certificate.ts'

/** Timers of the host end after 24 days; so long a wait is cut into days. */
const WAIT_MAX_MS = 24 * 3_600_000

/** How long after a refusal a renewal is asked for again: the old certificate is good for a while yet. */
const REFUSED_WAIT_MS = 60_000

const CLIENT: CertificateKind = { signerName: 'kubernetes.io/kube-apiserver-client-kubelet', usage: 'client auth' }
const SERVING: CertificateKind = { signerName: 'kubernetes.io/kubelet-serving', usage: 'server auth' }

export interface NodeCredentialsOptions {
  /** How to reach the API server before the node has an identity: a bootstrap token. */
  bootstrap: Connection
  /** Directory of the certificates. */
  certDir: string
  node: { name: string; ip: string }
  /** What the node does as itself before it asks for a certificate to serve with. */
  beforeServing(client: Client): Promise<void>
  /** Makes a client of the API server; the caller's to close. */
  connect(connection: Connection): Client
  clock: Clock
  logger: Logger
  /** From 0 to 1. */
  random(): number
}

export interface NodeCredentials {
  /** How the node reaches the API server as itself. */
  connection: Connection
  serving: Certificate
  /** Renews both, each told once it is on disk. Never resolves: rejects when the signal aborts. */
  keepFresh(
    client: Client,
    told: { onClient(connection: Connection): void; onServing(serving: Certificate): void },
    signal: AbortSignal,
  ): Promise<void>
}

/** The credentials on disk, or new ones, however long the cluster takes. Throws CertificateRefused. */
export async function ensureNodeCredentials(
  options: NodeCredentialsOptions,
  signal: AbortSignal,
): Promise<NodeCredentials> {
  const { bootstrap, certDir, node, beforeServing, connect, clock, logger, random } = options
  const keep = (name: string, kind: CertificateKind, hosts: readonly string[]) =>
    keepCertificate(join(certDir, `${name}.pem`), {
      kind,
      subject: { commonName: `system:node:${node.name}`, organizations: ['system:nodes'], hosts },
      clock,
      logger,
    })
  const client = keep('kubelet-client', CLIENT, [])
  const server = keep('kubelet-server', SERVING, [node.name, node.ip])

  const { token: _, ...anonymous } = bootstrap
  const connectionWith = ({ certificate, key }: Certificate): Connection => ({
    ...anonymous,
    clientCertificate: certificate,
    clientKey: key,
  })
  async function using<Result>(connection: Connection, act: (client: Client) => Promise<Result>): Promise<Result> {
    const temporary = connect(connection)
    try {
      return await act(temporary)
    } finally {
      await temporary.close()
    }
  }

  const identity = (await client.read()) ?? (await using(bootstrap, (asker) => client.obtain(asker, signal)))
  const connection = connectionWith(identity)
  const askToServe = async (asker: Client) => {
    await beforeServing(asker)
    return server.obtain(asker, signal)
  }
  const serving = (await server.read()) ?? (await using(connection, askToServe))

  async function renew(
    kept: KeptCertificate,
    first: Certificate,
    asker: Client,
    told: (renewed: Certificate) => void,
    until: AbortSignal,
  ): Promise<void> {
    for (let current = first; ; ) {
      const dueMs = renewalDueMs(current, random())
      while (clock.nowMs() < dueMs) await delay(clock, Math.min(dueMs - clock.nowMs(), WAIT_MAX_MS), until)
      try {
        current = await kept.obtain(asker, until)
        told(current)
      } catch (error) {
        if (!(error instanceof CertificateRefused)) throw error
        logger.warn({ error: error.message }, 'A certificate is not renewed, trying again')
        await delay(clock, REFUSED_WAIT_MS, until)
      }
    }
  }

  return {
    connection,
    serving,
    async keepFresh(asker, { onClient, onServing }, until) {
      await Promise.all([
        renew(client, identity, asker, (renewed) => onClient(connectionWith(renewed)), until),
        renew(server, serving, asker, onServing, until),
      ])
    },
  }
}
