import { mkdir, rm } from 'node:fs/promises'
import { RUNTIMES, type RuntimeName } from '../kubelet/runtime/runtime-names.ts'
import { isApiError } from '../shared/errors.ts'
import { LOG_LEVELS } from '../shared/log.ts'
import { exposureWarning, LOOPBACK, parseBindAddress } from './bind-address.ts'
import { chooseRuntime } from './choose-runtime.ts'
import { Cluster, type Reporter } from './cluster.ts'
import { ClusterError } from './cluster-error.ts'
import { askLauncher, serveControl } from './control.ts'
import { createProgress, outliveReaders, stopRequest } from './foreground.ts'
import { createHandler } from './handle-control.ts'
import { loadJoinedNode } from './join/joined-node.ts'
import { DATA_DIR_FLAG } from './launcher.ts'
import { entriesOf, type Layout, layoutOf, shownPath } from './layout.ts'
import type { Command } from './main.ts'
import { reserveNetwork } from './network.ts'
import { leftNodes } from './node-objects.ts'
import { endLeftovers } from './node-power.ts'
import { freePort } from './ports.ts'
import { joinedCidrOf, loadState, MAX_NODES } from './state.ts'
import { TIMINGS, type Timing } from './timing.ts'

const NODES_OF_A_NEW_CLUSTER = 3
const DEFAULT_PORT = 6443

const FLAGS = {
  ...DATA_DIR_FLAG,
  nodes: {
    type: 'number',
    min: 0,
    max: MAX_NODES,
    description: `Nodes to have at least, node-1 to node-N. Default: ${NODES_OF_A_NEW_CLUSTER} for a new cluster; one that is gone on with keeps those it has.`,
  },
  'bind-address': {
    type: 'string',
    description: `Address of this machine that the API server listens on, for nodes on other machines; 0.0.0.0: all it has. Default: the last one that was chosen, else ${LOOPBACK}, which no other machine reaches.`,
  },
  port: {
    type: 'number',
    min: 0,
    max: 65535,
    description: `Port of the API server; 0 = any free one. Default: the last one that was chosen, else ${DEFAULT_PORT}.`,
  },
  'insecure-port': {
    type: 'number',
    min: 1,
    max: 65535,
    description:
      'Port of 127.0.0.1 for plain HTTP as well, for teaching: every program on this machine may do everything there. Default: none.',
  },
  timing: {
    type: 'string',
    choices: TIMINGS,
    default: 'local',
    description: 'How fast a lost node is found out and its pods replaced: local = about 12 s, upstream = 5 min 50 s.',
  },
  'leader-elect': {
    type: 'boolean',
    description: 'Controller manager and scheduler hold leases, so that you can start more of each beside them.',
  },
  runtime: {
    type: 'string',
    choices: RUNTIMES,
    default: 'auto',
    description:
      'How pods are kept apart: hardly, as plain processes (auto), or in namespaces of their own (Linux, as root). A cluster keeps the one that it was made with.',
  },
  fresh: { type: 'boolean', description: 'Forget the earlier state of the data directory.' },
  'log-level': {
    type: 'string',
    choices: LOG_LEVELS,
    default: 'info',
    description: 'How much the components log to DIR/log.',
  },
} as const

interface UpFlags {
  'data-dir': string
  nodes: number | undefined
  'bind-address': string | undefined
  port: number | undefined
  'insecure-port': number | undefined
  timing: Timing
  'leader-elect': boolean
  runtime: RuntimeName | 'auto'
  fresh: boolean
  'log-level': string
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`

/** Tells progress on standard output, and deaths on standard error. */
function createReporter(startedAtMs: number): Reporter {
  return {
    onStep: createProgress(startedAtMs),
    onDeath(name, how, again) {
      const next =
        again === undefined
          ? `the node is lost until "kubeproc node start ${name}"`
          : `it is started again in ${seconds(again.inMs)}`
      console.error(`${name} died (${how}): ${next}`)
    },
  }
}

/** Refuses before anything is written: a living cluster in the same directory, a port in use. */
async function checkFree(layout: Layout, address: string, port: number): Promise<number> {
  const reply = await askLauncher(layout.controlSocket, { do: 'status' })
  if (reply !== undefined) {
    const pid = reply.ok ? ` (process ${reply.status!.pid})` : ''
    throw new ClusterError(
      `a cluster is running in ${shownPath(layout.root)}${pid}: stop it with "kubeproc down", or choose another --data-dir`,
    )
  }
  return freePort(address, port)
}

/** Tells of nodes that are known but not run, as after a restore: nothing would ever start on them. */
async function tellOfLeftNodes(cluster: Cluster): Promise<void> {
  // An API server that is killed at this moment is told of elsewhere, and is no reason to end.
  const left = await leftNodes(cluster.options.layout.kubeconfig, (one) => cluster.hasNode(one)).catch((error) => {
    if (isApiError(error)) return []
    throw error
  })
  for (const name of left)
    console.warn(
      `warning: ${name} has no process here: "kubeproc node add ${name}" starts it, "kubectl delete node ${name}" forgets it`,
    )
}

/** What comes with the port for teaching. */
const INSECURE = (port: number) =>
  `warning: http://127.0.0.1:${port} lets every program on this machine do everything, without a password`

const WHAT_NEXT = (kubeconfig: string, curlConfig: string, server: string) => `
Try next, in another shell:
  export KUBECONFIG=${kubeconfig}
  kubectl get nodes
  kubectl create -f examples/kubia-rc.yaml
  kubectl get pods -o wide
  curl -K ${curlConfig} ${server}/api/v1/nodes

Ctrl-C stops everything, pods included.`

/** Makes the directories that everything else is made in; a fresh start first ends and removes what is left of the last. */
async function prepareDirectories(layout: Layout, fresh: boolean): Promise<void> {
  try {
    if (fresh) {
      await endLeftovers(layout.nodes)
      await Promise.all(entriesOf(layout).map((path) => rm(path, { recursive: true, force: true })))
    }
    for (const directory of [layout.root, layout.logs, layout.nodes])
      await mkdir(directory, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new ClusterError(`cannot use ${layout.root} (${(error as Error).message}): choose another with --data-dir`)
  }
}

async function run(flags: UpFlags): Promise<number> {
  outliveReaders()
  const startedAtMs = performance.now()
  const layout = layoutOf(flags['data-dir'])
  if ((await loadJoinedNode(layout)) !== undefined)
    throw new ClusterError(`a node of another cluster is in ${shownPath(layout.root)}: choose another --data-dir`)
  const saved = flags.fresh ? undefined : await loadState(layout)
  const bindAddress = parseBindAddress(flags['bind-address'] ?? saved?.bindAddress ?? LOOPBACK)
  const wantedPort = flags.port ?? saved?.port ?? DEFAULT_PORT
  const port = await checkFree(layout, bindAddress, wantedPort)
  const insecurePort = flags['insecure-port']
  if (insecurePort !== undefined) await freePort(LOOPBACK, insecurePort)
  const network = await reserveNetwork(saved?.network)
  await prepareDirectories(layout, flags.fresh)
  const runtime = await chooseRuntime(flags.runtime, { saved, nodes: layout.nodes })

  const state = {
    network: network.octet,
    runtime,
    nodes: saved?.nodes ?? {},
    ...(bindAddress !== LOOPBACK && { bindAddress }),
    ...(wantedPort !== 0 && { port: wantedPort }),
  }
  const options = {
    layout,
    bindAddress,
    port,
    insecurePort,
    timing: flags.timing,
    leaderElect: flags['leader-elect'],
    runtime,
    joinedCidr: joinedCidrOf(state),
    logLevel: flags['log-level'],
  }
  const cluster = new Cluster(options, state, createReporter(startedAtMs))
  const stop = stopRequest('cluster')
  const ended = Promise.withResolvers<void>()
  const down = () => {
    stop.request()
    return ended.promise
  }
  const control = await serveControl(layout.controlSocket, createHandler(cluster, down))
  console.log(`kubeproc starts a cluster in ${shownPath(layout.root)}`)
  try {
    const count = flags.nodes ?? (saved === undefined ? NODES_OF_A_NEW_CLUSTER : 0)
    const names = Array.from({ length: count }, (_, index) => `node-${index + 1}`)
    const started = await Promise.race([cluster.start(names).then(() => true), stop.requested.then(() => false)])
    if (started) {
      console.log(`kubeproc is ready: ${cluster.server} (KUBECONFIG=${layout.kubeconfig})`)
      const exposure = exposureWarning(options)
      if (exposure !== undefined) console.warn(exposure)
      if (insecurePort !== undefined) console.warn(INSECURE(insecurePort))
      await tellOfLeftNodes(cluster)
      console.log(WHAT_NEXT(layout.kubeconfig, shownPath(layout.curlConfig), cluster.server))
    }
    await stop.requested
    console.log('stopping the cluster and its pods …')
  } finally {
    await cluster.stop()
    ended.resolve()
    control.close()
    network.release()
  }
  console.log('the cluster has stopped; "kubeproc up" goes on where it was')
  return 0
}

export const up: Command = {
  usage: 'up',
  description: 'Start a cluster on this machine, or go on with the one in the data directory.',
  flags: FLAGS,
  wordsMax: 0,
  run,
}
