/**
 * Every identity of the cluster: certificates, kubeconfigs, the administrator's token. Kept in `DIR/pki`; certificates are
 * made anew at a start that finds them near their end.
 */
import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Authority, CertificateRequest, KeyPair } from '../shared/certificates/authority.ts'
import { lifeLeft, namesAll } from '../shared/certificates/certificate-facts.ts'
import { systemClock } from '../shared/clock.ts'
import { readFileIfThere, writePrivateFile } from '../shared/private-files.ts'
import { certificateUser, kubeconfigText, type ServerAddress } from './kubeconfig.ts'
import type { Layout } from './layout.ts'

const CLIENTS = {
  admin: { commonName: 'kubernetes-admin', organizations: ['system:masters'] },
  'controller-manager': { commonName: 'system:kube-controller-manager' },
  scheduler: { commonName: 'system:kube-scheduler' },
  'apiserver-kubelet-client': { commonName: 'kube-apiserver-kubelet-client' },
} as const

/** A certificate is renewed at the first start at which less than this share of its life is left: of a year, four months. */
const RENEW_BELOW = 1 / 3

const APISERVER_HOSTS = ['127.0.0.1', '::1', 'localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc']

export const certificatePath = ({ pki }: Layout, name: string) => join(pki, `${name}.crt`)
export const keyPath = ({ pki }: Layout, name: string) => join(pki, `${name}.key`)
export const tokenFilePath = ({ pki }: Layout) => join(pki, 'tokens.csv')

async function readPair(layout: Layout, name: string): Promise<KeyPair | undefined> {
  const [certificate, key] = await Promise.all([
    readFileIfThere(certificatePath(layout, name)),
    readFileIfThere(keyPath(layout, name)),
  ])
  return certificate === undefined || key === undefined ? undefined : { certificate, key }
}

/** The key is written while there is no certificate: one on disk always has its own key beside it. */
async function writePair(layout: Layout, name: string, { certificate, key }: KeyPair): Promise<KeyPair> {
  await rm(certificatePath(layout, name), { force: true })
  await writePrivateFile(keyPath(layout, name), key)
  await writePrivateFile(certificatePath(layout, name), certificate)
  return { certificate, key }
}

/** The certificate library is large; it is loaded only where something is to be issued. */
async function authorityOf(layout: Layout): Promise<Authority> {
  const { createAuthority, loadAuthority } = await import('../shared/certificates/authority.ts')
  const pair = await readPair(layout, 'ca')
  if (pair !== undefined) return loadAuthority(pair)
  const authority = await createAuthority('kubeproc-ca')
  await writePair(layout, 'ca', authority)
  return authority
}

type Issuer = () => Promise<Authority>

/** One authority for all that one call makes, made or loaded when it is first needed. */
function issuerFor(layout: Layout): Issuer {
  let authority: Promise<Authority> | undefined
  return () => {
    authority ??= authorityOf(layout)
    return authority
  }
}

/** The pair on disk, or a new one where that names other hosts or is near its end. `chain` follows it in its file. */
async function ensurePair(
  layout: Layout,
  issuer: Issuer,
  { name, chain = '', ...request }: CertificateRequest & { name: string; chain?: string },
): Promise<KeyPair> {
  const existing = await readPair(layout, name)
  if (existing !== undefined) {
    const { certificate } = existing
    const isFresh = lifeLeft(certificate, systemClock.nowMs()) > RENEW_BELOW
    if (isFresh && namesAll(certificate, request.hosts ?? []) && certificate.endsWith(chain)) return existing
  }
  const { certificate, key } = await (await issuer()).issue(request)
  return writePair(layout, name, { certificate: `${certificate.trimEnd()}\n${chain}`, key })
}

async function ensureToken(layout: Layout): Promise<string> {
  const existing = await readFileIfThere(tokenFilePath(layout))
  if (existing !== undefined) return existing.split(',')[0]!
  const token = randomBytes(32).toString('base64url')
  await writePrivateFile(tokenFilePath(layout), `${token},kubernetes-admin,kubernetes-admin,"system:masters"\n`)
  return token
}

async function authorityCertificate(layout: Layout, issuer: Issuer): Promise<string> {
  return (await readFileIfThere(certificatePath(layout, 'ca'))) ?? (await issuer()).certificate
}

interface ServerNames {
  /** URL by which the components reach the API server. */
  server: string
  /** URL by which the administrator does. Default: the same. */
  adminServer?: string
  /** Further names of the API server, for its certificate. */
  hosts?: readonly string[]
  /** Where the administrator's curl finds the authority's certificate. Default: where it is made. */
  curlAuthority?: string
}

/** Makes what is missing of the control plane's credentials and writes the kubeconfigs for these addresses. */
export async function ensureCredentials(
  layout: Layout,
  { server, adminServer = server, hosts = [], curlAuthority = certificatePath(layout, 'ca') }: ServerNames,
): Promise<void> {
  const issuer = issuerFor(layout)
  const authority = await authorityCertificate(layout, issuer)
  const clients = Object.entries(CLIENTS).map(async ([name, subject]) => {
    const pair = await ensurePair(layout, issuer, { name, ...subject, usages: ['client'] })
    const path = name === 'admin' ? layout.kubeconfig : layout.kubeconfigOf(name)
    const user =
      name === 'admin' ? { ...certificateUser(pair), token: await ensureToken(layout) } : certificateUser(pair)
    const url = name === 'admin' ? adminServer : server
    await writePrivateFile(path, kubeconfigText({ url }, authority, user))
  })
  const serving = ensurePair(layout, issuer, {
    name: 'apiserver',
    commonName: 'kube-apiserver',
    usages: ['server'],
    hosts: [...APISERVER_HOSTS, ...hosts],
    // Machines that join know the authority's pin only, and get the authority itself from the server.
    chain: authority,
  })
  await Promise.all([...clients, serving])
  const curl = [`cacert = "${curlAuthority}"`, `header = "Authorization: Bearer ${await ensureToken(layout)}"`]
  await writePrivateFile(layout.curlConfig, `${[...curl, 'silent', 'show-error'].join('\n')}\n`)
}

const BOOTSTRAP = 'bootstrap'

/** Makes the token by which machines may ask to become nodes, and their kubeconfig with it. */
export async function ensureBootstrapToken(layout: Layout, server: string): Promise<void> {
  if ((await readFileIfThere(layout.kubeconfigOf(BOOTSTRAP))) !== undefined) return
  const token = randomBytes(32).toString('base64url')
  const tokens = await readFileIfThere(tokenFilePath(layout))
  const line = `${token},system:bootstrap:${BOOTSTRAP},${BOOTSTRAP},"system:bootstrappers"\n`
  await writePrivateFile(tokenFilePath(layout), `${tokens ?? ''}${line}`)
  const authority = await authorityCertificate(layout, issuerFor(layout))
  await writePrivateFile(layout.kubeconfigOf(BOOTSTRAP), kubeconfigText({ url: server }, authority, { token }))
}

/** Makes a node's certificate, which it serves with and connects with, and its kubeconfig. */
export async function ensureNodeCredentials(
  layout: Layout,
  server: ServerAddress,
  node: { name: string; ip: string; kubeconfig: string },
): Promise<void> {
  const issuer = issuerFor(layout)
  const pair = await ensurePair(layout, issuer, {
    name: node.name,
    commonName: `system:node:${node.name}`,
    organizations: ['system:nodes'],
    usages: ['server', 'client'],
    hosts: [node.name, node.ip],
  })
  const authority = await authorityCertificate(layout, issuer)
  await writePrivateFile(node.kubeconfig, kubeconfigText(server, authority, certificateUser(pair)))
}
