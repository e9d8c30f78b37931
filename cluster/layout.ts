import { join, relative, resolve } from 'node:path'

/** Where everything of a cluster lives, below its data directory. */
export interface Layout {
  /** The data directory, absolute. */
  root: string
  /** The administrator's kubeconfig. */
  kubeconfig: string
  /** For `curl -K`: certificate authority and token. */
  curlConfig: string
  /** What must be remembered between two starts: see `state.ts`. */
  state: string
  /** What this machine remembers of the node that it is of another machine's cluster: see `join/joined-node.ts`. */
  joinedNode: string
  /** Unix socket on which the launcher takes commands. */
  controlSocket: string
  /** Certificates, keys and the token file. */
  pki: string
  /** The API server's data directory. */
  apiserver: string
  /** The image store, shared by all nodes of this machine. */
  images: string
  logs: string
  /** All nodes' directories. */
  nodes: string
  /** A node's own directory: the kubelet's `--root-dir`. */
  node(name: string): string
  /** A component's log file. */
  log(component: string): string
  /** A component's kubeconfig. */
  kubeconfigOf(component: string): string
  /** The kubeconfig of a kubelet that reaches the API server through a relay. */
  relayedKubeconfig(node: string): string
}

export function layoutOf(dataDir: string): Layout {
  const root = resolve(dataDir)
  const nodes = join(root, 'nodes')
  const logs = join(root, 'log')
  const pki = join(root, 'pki')
  return {
    root,
    kubeconfig: join(root, 'kubeconfig'),
    curlConfig: join(root, 'curl.conf'),
    state: join(root, 'cluster.json'),
    joinedNode: join(root, 'node.json'),
    controlSocket: join(root, 'control.sock'),
    pki,
    apiserver: join(root, 'apiserver'),
    images: join(root, 'images'),
    logs,
    nodes,
    node: (name) => join(nodes, name),
    log: (component) => join(logs, `${component}.log`),
    kubeconfigOf: (component) => join(pki, `${component}.kubeconfig`),
    relayedKubeconfig: (node) => join(nodes, node, 'relayed.kubeconfig'),
  }
}

/** Everything that a cluster makes in its data directory: `--fresh` removes these and nothing else. */
export const entriesOf = (layout: Layout): string[] => [
  layout.kubeconfig,
  layout.curlConfig,
  layout.state,
  layout.controlSocket,
  layout.pki,
  layout.apiserver,
  layout.images,
  layout.logs,
  layout.nodes,
]

/** A path as people type it: relative to the working directory where that is shorter. */
export function shownPath(path: string): string {
  const short = relative(process.cwd(), path)
  return short !== '' && short.length < path.length ? short : path
}
