/** `kubeproc node join`: makes this machine a node of a cluster that runs on another one, for as long as the command runs. */
import { mkdir } from 'node:fs/promises'
import type { RuntimeName } from '../../kubelet/runtime/runtime-names.ts'
import { UsageError } from '../../shared/flags.ts'
import { ClusterError } from '../cluster-error.ts'
import { joinedKubelet, KUBELET_PORT } from '../components.ts'
import { askLauncher } from '../control.ts'
import { createProgress, outliveReaders } from '../foreground.ts'
import { prepareImages } from '../images.ts'
import { type Layout, layoutOf, shownPath } from '../layout.ts'
import { isNodeName } from '../node-name.ts'
import { loadState } from '../state.ts'
import type { Timing } from '../timing.ts'
import { addressTowards, admit, checkWords, parseServer } from './admit.ts'
import {
  checkIdentity,
  defaultName,
  forgetToken,
  isMember,
  type JoinedNode,
  knownAuthority,
  loadJoinedNode,
  saveJoinedNode,
} from './joined-node.ts'
import { runKubelet } from './run-kubelet.ts'

export interface JoinFlags {
  'data-dir': string
  token: string | undefined
  'ca-cert-hash': string | undefined
  name: string | undefined
  runtime: RuntimeName | 'auto' | undefined
  timing: Timing | undefined
  'node-ip': string | undefined
  port: number | undefined
  'log-level': string
}

export const JOIN_USAGE = 'node join https://ADDRESS:PORT --token TOKEN --ca-cert-hash HASH'

/** Refuses a directory that is something else already. */
async function checkDirectory(layout: Layout): Promise<void> {
  const where = `${shownPath(layout.root)}`
  if ((await askLauncher(layout.controlSocket, { do: 'status' })) !== undefined)
    throw new ClusterError(
      `a cluster or a node is running in ${where}: stop it with "kubeproc down", or choose another --data-dir`,
    )
  if ((await loadState(layout)) !== undefined)
    throw new ClusterError(`a cluster of its own is in ${where}: choose another --data-dir`)
}

/** What the node is to be like: what the flags say, else what it was before. */
function settled(flags: JoinFlags, server: URL, saved: JoinedNode | undefined): JoinedNode {
  const name = flags.name ?? saved?.name ?? defaultName()
  const nodeIp = flags['node-ip'] ?? saved?.nodeIp
  if (!isNodeName(name))
    throw new UsageError(`--name: ${JSON.stringify(name)} is no node name: use lower case letters, digits and "-"`)
  return {
    server: server.origin,
    name,
    runtime: flags.runtime ?? saved?.runtime ?? 'auto',
    timing: flags.timing ?? saved?.timing ?? 'local',
    ...(nodeIp !== undefined && { nodeIp }),
    port: flags.port ?? saved?.port ?? KUBELET_PORT,
  }
}

/** Throws where the directory is another node's, whose pods and certificates would be mixed up with this one's. */
async function checkSame(layout: Layout, saved: JoinedNode, now: { name: string; authority: string }): Promise<void> {
  const isSame = saved.name === now.name && (await knownAuthority(layout)) === now.authority
  if (isSame) return
  throw new ClusterError(
    `${shownPath(layout.root)} belongs to the node ${saved.name} of ${saved.server}: choose another --data-dir, or remove it`,
  )
}

/** The node as the token and the pin let it in, or as it was. */
async function becomeMember(layout: Layout, flags: JoinFlags, url: string | undefined): Promise<JoinedNode> {
  const { token, 'ca-cert-hash': pin } = flags
  const saved = await loadJoinedNode(layout)
  const address = url ?? saved?.server
  if (address === undefined || (token === undefined && saved === undefined))
    throw new UsageError(
      `usage: kubeproc ${JOIN_USAGE}, as "kubeproc node join-command" on the cluster's machine prints it`,
    )
  const server = parseServer(address)
  const node = settled(flags, server, saved)
  if (token === undefined) {
    const authority = await knownAuthority(layout)
    await checkSame(layout, saved!, { name: node.name, authority: authority! })
    await checkIdentity(layout, node)
    await saveJoinedNode(layout, node, { authority: authority!, token })
    return node
  }
  checkWords(token, pin)
  const authority = await admit(server, { token, pin })
  if (saved !== undefined && (await isMember(layout, saved)))
    await checkSame(layout, saved, { name: node.name, authority })
  await saveJoinedNode(layout, node, { authority, token })
  return node
}

/** Joins, and runs the node until it is told to end. Returns the exit code. */
export async function join(flags: JoinFlags, url: string | undefined): Promise<number> {
  outliveReaders()
  const progress = createProgress(performance.now())
  const layout = layoutOf(flags['data-dir'])
  await checkDirectory(layout)
  const node = await becomeMember(layout, flags, url)
  console.log(`kubeproc makes this machine the node ${node.name} of ${node.server}`)
  if (flags.token !== undefined) progress('token', 'accepted')
  const nodeIp = node.nodeIp ?? (await addressTowards(new URL(node.server)))
  for (const directory of [layout.logs, layout.nodes]) await mkdir(directory, { recursive: true, mode: 0o700 })
  const images = prepareImages(layout).then(() => progress('images', 'ready'))
  const spec = joinedKubelet({ layout, logLevel: flags['log-level'] }, { ...node, nodeIp })
  const running = runKubelet(spec, { layout, node, onReady: () => forgetToken(layout, node) })
  await Promise.all([images, running])
  return 0
}
