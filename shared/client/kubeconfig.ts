import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Connection } from './connection.ts'

type Entries<Key extends string, Value> = ({ name: string } & { [Name in Key]?: Value })[]

/** The part of a kubeconfig file that a component reads (`clientcmd/api/v1`). */
export interface Kubeconfig {
  'current-context'?: string
  contexts?: Entries<'context', { cluster: string; user: string }>
  clusters?: Entries<
    'cluster',
    {
      server: string
      'certificate-authority'?: string
      'certificate-authority-data'?: string
      'tls-server-name'?: string
      'insecure-skip-tls-verify'?: boolean
    }
  >
  users?: Entries<
    'user',
    {
      'client-certificate'?: string
      'client-certificate-data'?: string
      'client-key'?: string
      'client-key-data'?: string
      token?: string
      tokenFile?: string
    }
  >
}

/** A kubeconfig that cannot be used: one line that names the file and what is missing. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError'
}

/** JSON is YAML: our own files are JSON, so that no component has to load a YAML parser to find its server. */
function parse(text: string): Kubeconfig | null {
  if (text.trimStart().startsWith('{')) return JSON.parse(text)
  const yaml = createRequire(import.meta.url)('yaml') as typeof import('yaml')
  return yaml.parse(text)
}

/**
 * The connection of the file's current context, with all files that it names read in. Relative names count from the
 * kubeconfig's own folder. Throws a KubeconfigError.
 */
export function readKubeconfig(file: string): Connection {
  const fail = (problem: string, cause?: unknown) => new KubeconfigError(`kubeconfig ${file}: ${problem}`, { cause })
  const read = (name: string) => {
    try {
      return readFileSync(path.resolve(path.dirname(file), name), 'utf8')
    } catch (error) {
      throw fail(`cannot read ${name}: ${(error as Error).message}`, error)
    }
  }
  const inline = (data: string | undefined, name: string | undefined) => {
    if (data !== undefined && data !== '') return Buffer.from(data, 'base64').toString('utf8')
    return name === undefined || name === '' ? undefined : read(name)
  }
  let config: Kubeconfig | null
  try {
    config = parse(read(path.basename(file)))
  } catch (error) {
    if (error instanceof KubeconfigError) throw error
    throw fail(`neither JSON nor YAML: ${(error as Error).message}`, error)
  }
  const current = config?.['current-context'] ?? ''
  const context = config?.contexts?.find(({ name }) => name === current)?.context
  if (context === undefined) throw fail(`no context named ${JSON.stringify(current)}`)
  const cluster = config?.clusters?.find(({ name }) => name === context.cluster)?.cluster
  if (cluster?.server === undefined) throw fail(`no server for cluster ${JSON.stringify(context.cluster)}`)
  if (!URL.canParse(cluster.server)) throw fail(`the server ${JSON.stringify(cluster.server)} is not a URL`)
  const user = config?.users?.find(({ name }) => name === context.user)?.user
  const ca = inline(cluster['certificate-authority-data'], cluster['certificate-authority'])
  const clientCertificate = inline(user?.['client-certificate-data'], user?.['client-certificate'])
  const clientKey = inline(user?.['client-key-data'], user?.['client-key'])
  const token = user?.token ?? (user?.tokenFile === undefined ? undefined : read(user.tokenFile).trim())
  return {
    server: cluster.server,
    ...(ca !== undefined && { ca }),
    ...(clientCertificate !== undefined && { clientCertificate }),
    ...(clientKey !== undefined && { clientKey }),
    ...(token !== undefined && token !== '' && { token }),
    ...(cluster['tls-server-name'] !== undefined && { tlsServerName: cluster['tls-server-name'] }),
    ...(cluster['insecure-skip-tls-verify'] === true && { insecureSkipTlsVerify: true }),
  }
}
