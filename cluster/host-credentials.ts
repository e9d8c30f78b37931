/**
 * The credentials of a cluster whose components run on several hosts: what each component needs, and nothing else, in a
 * directory of its own. Run again, it keeps what is there.
 */
import { chown, copyFile, mkdir, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureBootstrapToken, ensureCredentials } from './credentials.ts'
import { layoutOf } from './layout.ts'
import type { Command } from './main.ts'

const AUTHORITY = 'ca.crt'

/** By component, the files of the authority's directory that it gets. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  apiserver: [
    AUTHORITY,
    'apiserver.crt',
    'apiserver.key',
    'apiserver-kubelet-client.crt',
    'apiserver-kubelet-client.key',
    'tokens.csv',
  ],
  // It signs the certificates of the nodes that join.
  'controller-manager': [AUTHORITY, 'ca.key', 'controller-manager.kubeconfig'],
  scheduler: ['scheduler.kubeconfig'],
  // Nodes ask for their own certificates.
  node: [AUTHORITY, 'bootstrap.kubeconfig'],
}

interface Owner {
  uid: number
  gid: number
}

/** Copies files, for the eyes of the directory's owner only. A directory that was made for somebody is theirs already. */
async function handOut(from: string, to: string, names: readonly string[], owner?: Owner): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 })
  const { uid, gid } = owner ?? (await stat(to))
  if (owner !== undefined) await chown(to, uid, gid)
  for (const name of names) {
    // Components and clients may be reading what is there.
    const next = join(to, `.${name}.new`)
    await copyFile(join(from, name), next)
    await chown(next, uid, gid)
    await rename(next, join(to, name))
  }
}

interface CredentialsFlags {
  dir: string
  server: string
  'public-server': string
  'admin-path': string | undefined
  'owner-of': string | undefined
}

async function run({
  dir,
  server,
  'public-server': publicServer,
  'admin-path': adminPath,
  'owner-of': ownerOf,
}: CredentialsFlags): Promise<number> {
  const layout = layoutOf(join(dir, 'authority'))
  const admin = join(dir, 'admin')
  await ensureCredentials(layout, {
    server,
    adminServer: publicServer,
    hosts: [new URL(server).hostname],
    curlAuthority: join(adminPath ?? admin, AUTHORITY),
  })
  await ensureBootstrapToken(layout, server)
  await Promise.all(Object.entries(FILES).map(([component, names]) => handOut(layout.pki, join(dir, component), names)))
  const owner = ownerOf === undefined ? undefined : await stat(ownerOf)
  await handOut(layout.root, admin, ['kubeconfig', 'curl.conf'], owner)
  await handOut(layout.pki, admin, [AUTHORITY], owner)
  console.log(`credentials are in ${dir}`)
  return 0
}

export const credentials: Command = {
  usage: 'credentials',
  description: 'Make the credentials of a cluster whose components run on several hosts (see docker-compose.yml).',
  wordsMax: 0,
  flags: {
    dir: {
      type: 'string',
      default: '/etc/kubeproc',
      description:
        'Directory that gets one directory per component, one for the administrator, and the authority’s own.',
    },
    server: {
      type: 'string',
      default: 'https://apiserver:6443',
      description: 'URL by which the components reach the API server; its host is in the server’s certificate.',
    },
    'public-server': {
      type: 'string',
      default: 'https://127.0.0.1:6443',
      description: 'URL by which the administrator reaches it: loopback, or the host of --server.',
    },
    'admin-path': {
      type: 'string',
      description:
        'The administrator’s directory as it is called where curl runs, for curl.conf. Default: as it is here.',
    },
    'owner-of': {
      type: 'string',
      description: 'File whose owner becomes the owner of the administrator’s directory.',
    },
  },
  run,
}
