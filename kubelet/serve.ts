import { readFile } from 'node:fs/promises'
import type { FlagValues } from '../shared/flags.ts'
import type { KubeletServer, KubeletServerOptions } from './http/server.ts'
import type { kubeletFlags } from './options.ts'
import type { Runtime } from './runtime/runtime.ts'

type Served = Pick<KubeletServerOptions, 'clock' | 'host' | 'logger' | 'nodeName' | 'pods' | 'rootDirectory'> & {
  runtime: Promise<Runtime>
  /** What the node serves with, where no files hold it. */
  serving?: { certificate: string; key: string }
}

/** The certificate and key that the flags name; undefined where they do not. */
async function readServing(flags: FlagValues<typeof kubeletFlags>) {
  const { 'tls-cert-file': certificateFile, 'tls-private-key-file': keyFile } = flags
  if (certificateFile === undefined || keyFile === undefined) return undefined
  const [certificate, key] = await Promise.all([readFile(certificateFile, 'utf8'), readFile(keyFile, 'utf8')])
  return { certificate, key }
}

/** The server for logs and streams; nothing without certificates, for it is never served without TLS. */
export async function startServer(
  flags: FlagValues<typeof kubeletFlags>,
  { serving, runtime, ...node }: Served,
): Promise<KubeletServer | undefined> {
  const pair = serving ?? (await readServing(flags))
  const authorityFile = flags['client-ca-file']
  if (pair === undefined || authorityFile === undefined) {
    node.logger.warn(
      'No logs are served, and no exec or attach: --tls-cert-file, --tls-private-key-file and --client-ca-file are needed for it',
    )
    return undefined
  }
  const [clientAuthority, { createKubeletServer }] = await Promise.all([
    readFile(authorityFile, 'utf8'),
    import('./http/server.ts'),
  ])
  return createKubeletServer({ ...node, ...pair, clientAuthority, port: flags.port, runtime: await runtime })
}
