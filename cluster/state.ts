import type { RuntimeName } from '../kubelet/runtime/runtime-names.ts'
import { readFileIfThere, writePrivateFile } from '../shared/private-files.ts'
import type { Layout } from './layout.ts'

/** What a cluster remembers between two starts, beside the API server's store. */
export interface ClusterState {
  /** Second octet of the loopback network 127.X.0.0/16 that this cluster's nodes and pods live in. */
  network: number
  /** What its pods run as, which decides about their addresses. Absent in the state of earlier versions: `process`. */
  runtime?: RuntimeName
  /** Where the API server listens; absent: on loopback alone. */
  bindAddress?: string
  /** Port of the API server; absent where any free one was asked for. */
  port?: number
  /** The nodes, with the third octet of each one's addresses. A node that was removed frees its octet. */
  nodes: Record<string, { octet: number }>
}

/** The highest third octet of a node of this machine: one node has one. Those above are for nodes of other machines. */
export const MAX_NODES = 127

/** The state of the cluster in this directory; undefined where none has been started yet. */
export async function loadState({ state }: Layout): Promise<ClusterState | undefined> {
  const text = await readFileIfThere(state)
  return text === undefined ? undefined : (JSON.parse(text) as ClusterState)
}

export const saveState = ({ state }: Layout, content: ClusterState): Promise<void> =>
  writePrivateFile(state, `${JSON.stringify(content, null, 2)}\n`)

/** The state with one more node. Throws where every octet is taken. */
export function withNode(state: ClusterState, name: string): ClusterState {
  if (state.nodes[name] !== undefined) return state
  const taken = new Set(Object.values(state.nodes).map(({ octet }) => octet))
  const octet = Array.from({ length: MAX_NODES }, (_, index) => index + 1).find((candidate) => !taken.has(candidate))
  if (octet === undefined) throw new Error(`a cluster on one machine has at most ${MAX_NODES} nodes`)
  return { ...state, nodes: { ...state.nodes, [name]: { octet } } }
}

/** The state without a node. */
export function withoutNode(state: ClusterState, name: string): ClusterState {
  const { [name]: _, ...nodes } = state.nodes
  return { ...state, nodes }
}

export interface NodeAddresses {
  ip: string
  podCidr: string
  /** Where the kubelet's server listens while a relay stands at `ip`; absent where there is no second address for it. */
  relayedIp?: string
}

/** The third octet of those second addresses: no node has it. */
const RELAYED_OCTET = 255

/** Pods with links of their own need addresses that are not the machine's: as upstream, private ones. */
const podNetwork = ({ network, runtime }: Pick<ClusterState, 'network' | 'runtime'>) =>
  `${runtime === 'namespaces' ? 10 : 127}.${network}`

/** The addresses of the pods on other machines: the upper half of the cluster's network, where no node of this one is. */
export const joinedCidrOf = (state: Pick<ClusterState, 'network' | 'runtime'>): string =>
  `${podNetwork(state)}.${MAX_NODES + 1}.0/17`

/**
 * A node's address and its pods' range. Only Linux answers on all of 127.0.0.0/8; elsewhere all share 127.0.0.1.
 */
export function addressesOf({ network, nodes, runtime }: ClusterState, name: string): NodeAddresses {
  const octet = nodes[name]!.octet
  const podCidr = `${podNetwork({ network, runtime })}.${octet}.0/24`
  if (process.platform !== 'linux') return { ip: '127.0.0.1', podCidr }
  return { ip: `127.${network}.${octet}.1`, podCidr, relayedIp: `127.${network}.${RELAYED_OCTET}.${octet}` }
}
