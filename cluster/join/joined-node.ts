/** What a machine remembers of the node that it has become, in its data directory. */
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { RuntimeName } from '../../kubelet/runtime/runtime-names.ts'
import { validityOf } from '../../shared/certificates/certificate-facts.ts'
import { readFileIfThere, writePrivateFile } from '../../shared/private-files.ts'
import { ClusterError } from '../cluster-error.ts'
import { certificatePath } from '../credentials.ts'
import { kubeconfigText } from '../kubeconfig.ts'
import { type Layout, shownPath } from '../layout.ts'
import type { Timing } from '../timing.ts'

/** How a node is a member of its cluster: what was chosen when it joined, for every later start. */
export interface JoinedNode {
  /** URL of the API server. */
  server: string
  name: string
  runtime: RuntimeName | 'auto'
  timing: Timing
  /** The node's address; absent: the one by which this machine reaches the API server. */
  nodeIp?: string
  /** Port of the kubelet's server. */
  port: number
}

/** The node of this data directory; undefined where none has joined from there. */
export async function loadJoinedNode({ joinedNode }: Layout): Promise<JoinedNode | undefined> {
  const text = await readFileIfThere(joinedNode)
  return text === undefined ? undefined : (JSON.parse(text) as JoinedNode)
}

/** What the node has in its files: whom it believes, and how it gets in until it has certificates of its own. */
async function saveAccess(
  layout: Layout,
  { server, authority, token }: { server: string; authority: string; token: string | undefined },
): Promise<void> {
  await writePrivateFile(certificatePath(layout, 'ca'), authority)
  const user = token === undefined ? {} : { token }
  await writePrivateFile(layout.kubeconfigOf('bootstrap'), kubeconfigText({ url: server }, authority, user))
}

export async function saveJoinedNode(
  layout: Layout,
  node: JoinedNode,
  access: { authority: string; token: string | undefined },
): Promise<void> {
  await saveAccess(layout, { server: node.server, ...access })
  await writePrivateFile(layout.joinedNode, `${JSON.stringify(node, null, 2)}\n`)
}

/** The authority of the cluster that the node of this directory is of. */
export const knownAuthority = (layout: Layout): Promise<string | undefined> =>
  readFileIfThere(certificatePath(layout, 'ca'))

/** A node that has certificates needs no token, so none is kept. */
export async function forgetToken(layout: Layout, { server }: JoinedNode): Promise<void> {
  const authority = await knownAuthority(layout)
  await saveAccess(layout, { server, authority: authority!, token: undefined })
}

const clientCertificate = (layout: Layout, name: string): Promise<string | undefined> =>
  readFileIfThere(join(layout.node(name), 'pki', 'kubelet-client.pem'))

/** Whether the node has ever been let in. */
export const isMember = async (layout: Layout, { name }: JoinedNode): Promise<boolean> =>
  (await clientCertificate(layout, name)) !== undefined

/** Throws a ClusterError where the node has no certificate by which it could get in. */
export async function checkIdentity(layout: Layout, { name }: JoinedNode): Promise<void> {
  const certificate = await clientCertificate(layout, name)
  const problem =
    certificate === undefined
      ? 'has no certificate yet'
      : validityOf(certificate).untilMs <= Date.now() && 'has a certificate that has expired'
  if (problem === false) return
  throw new ClusterError(
    `the node ${name} in ${shownPath(layout.root)} ${problem}: join with a token, as "kubeproc node join-command" on the cluster's machine prints it`,
  )
}

/** What a machine is called as a node, where nothing else is said. */
export const defaultName = (host = hostname()): string =>
  host
    .toLowerCase()
    .split('.')[0]!
    .replaceAll(/[^a-z0-9-]/g, '-')
