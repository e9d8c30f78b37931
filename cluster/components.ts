/** The command line of every component of a cluster, as data. */
import { fileURLToPath } from 'node:url'
import { isExposed, LOOPBACK, localAddress } from './bind-address.ts'
import type { ComponentSpec } from './component.ts'
import { certificatePath, keyPath, tokenFilePath } from './credentials.ts'
import type { Layout } from './layout.ts'
import { TIMING_FLAGS, type Timing } from './timing.ts'

/** The port upstream's kubelets listen on; here each on its own loopback address. */
export const KUBELET_PORT = 10250

/** What the user chose with `kubeproc up`, and what all components share. */
export interface ClusterOptions {
  layout: Layout
  /** Where the API server listens. Everything else listens on loopback. */
  bindAddress: string
  port: number
  /** Where plain HTTP is served as well, without any identity. */
  insecurePort: number | undefined
  timing: Timing
  /** Whether controller manager and scheduler hold leases, so that others can run beside them. */
  leaderElect: boolean
  runtime: string
  /** The pods' addresses of nodes on other machines. */
  joinedCidr: string
  logLevel: string
}

/** Where this machine reaches the API server. */
export const serverUrl = ({ bindAddress, port }: ClusterOptions): string =>
  `https://${localAddress(bindAddress)}:${port}`

const SOURCES = fileURLToPath(new URL('..', import.meta.url))

/** Compiled code is kept between starts: half the start-up time of a process is compiling. */
const ENVIRONMENT = { NODE_COMPILE_CACHE: `${SOURCES}node_modules/.cache/kubeproc` }

type Common = Pick<ClusterOptions, 'layout' | 'logLevel'>

const component = (
  { layout, logLevel }: Common,
  { name, main, flags, restart }: { name: string; main: string; flags: readonly string[]; restart: boolean },
): ComponentSpec => ({
  name,
  main: `${SOURCES}${main}/main.ts`,
  flags: [...flags, `--log-level=${logLevel}`],
  logPath: layout.log(name),
  env: ENVIRONMENT,
  restart,
})

const apiserver = (options: ClusterOptions): ComponentSpec => {
  const { layout, bindAddress, port, insecurePort, timing } = options
  return component(options, {
    name: 'apiserver',
    main: 'apiserver',
    restart: true,
    flags: [
      `--bind-address=${bindAddress}`,
      `--secure-port=${port}`,
      `--data-dir=${layout.apiserver}`,
      `--tls-cert-file=${certificatePath(layout, 'apiserver')}`,
      `--tls-private-key-file=${keyPath(layout, 'apiserver')}`,
      `--client-ca-file=${certificatePath(layout, 'ca')}`,
      `--token-auth-file=${tokenFilePath(layout)}`,
      `--kubelet-client-certificate=${certificatePath(layout, 'apiserver-kubelet-client')}`,
      `--kubelet-client-key=${keyPath(layout, 'apiserver-kubelet-client')}`,
      `--kubelet-certificate-authority=${certificatePath(layout, 'ca')}`,
      ...(insecurePort === undefined ? [] : [`--insecure-port=${insecurePort}`]),
      ...TIMING_FLAGS[timing].apiserver,
    ],
  })
}

/** One that is alone would wait, after a crash, for the lease of its own predecessor. */
const leaderElection = ({ leaderElect, timing }: ClusterOptions): readonly string[] =>
  leaderElect ? ['--leader-elect', ...TIMING_FLAGS[timing].leaderElection] : ['--leader-elect=false']

/** The launcher's own nodes bring their ranges; those of other machines are given theirs. */
const nodeRanges = ({ bindAddress, joinedCidr }: ClusterOptions): readonly string[] =>
  isExposed(bindAddress) ? ['--allocate-node-cidrs', `--cluster-cidr=${joinedCidr}`] : []

const controllerManager = (options: ClusterOptions): ComponentSpec =>
  component(options, {
    name: 'controller-manager',
    main: 'controller-manager',
    restart: true,
    flags: [
      `--kubeconfig=${options.layout.kubeconfigOf('controller-manager')}`,
      `--root-ca-file=${certificatePath(options.layout, 'ca')}`,
      `--cluster-signing-cert-file=${certificatePath(options.layout, 'ca')}`,
      `--cluster-signing-key-file=${keyPath(options.layout, 'ca')}`,
      ...nodeRanges(options),
      ...TIMING_FLAGS[options.timing].controllerManager,
      ...leaderElection(options),
    ],
  })

const scheduler = (options: ClusterOptions): ComponentSpec =>
  component(options, {
    name: 'scheduler',
    main: 'scheduler',
    restart: true,
    flags: [`--kubeconfig=${options.layout.kubeconfigOf('scheduler')}`, ...leaderElection(options)],
  })

/** The control plane, in the order in which it is shown. */
export const controlPlane = (options: ClusterOptions): ComponentSpec[] => [
  apiserver(options),
  controllerManager(options),
  scheduler(options),
]

/**
 * How a kubelet's process is kept small, at no cost of time: it and its supervisor do little at once. Node.js would let
 * young objects spread over 32 MiB, and the C library would give each of its threads a heap of its own. With 200 probed
 * pods that is 73 MB instead of 137; at rest 42 instead of 56.
 */
export const KUBELET_PROCESS = {
  nodeFlags: ['--max-semi-space-size=1'],
  env: { MALLOC_ARENA_MAX: '1' },
}

function anyKubelet(
  options: Common,
  { name, timing }: { name: string; timing: Timing },
  flags: readonly string[],
): ComponentSpec {
  const { layout } = options
  const spec = component(options, {
    name,
    main: 'kubelet',
    restart: false,
    flags: [
      ...flags,
      `--hostname-override=${name}`,
      `--root-dir=${layout.node(name)}`,
      `--hidden-paths=${layout.root}`,
      `--image-store=${layout.images}`,
      `--client-ca-file=${certificatePath(layout, 'ca')}`,
      ...TIMING_FLAGS[timing].kubelet,
    ],
  })
  const { nodeFlags, env } = KUBELET_PROCESS
  return { ...spec, nodeFlags, env: { ...spec.env, ...env } }
}

/** The command line of a kubelet of this machine. `address` is where its server listens; `kubeconfig` tells where it finds the API server. */
export const kubelet = (
  options: ClusterOptions,
  node: { name: string; ip: string; podCidr: string; address: string; kubeconfig: string },
): ComponentSpec => {
  const { name, ip, podCidr, address, kubeconfig } = node
  const { layout, runtime, timing } = options
  return anyKubelet(options, { name, timing }, [
    `--kubeconfig=${kubeconfig}`,
    `--node-ip=${ip}`,
    `--address=${address}`,
    `--port=${ip === LOOPBACK ? 0 : KUBELET_PORT}`,
    `--pod-cidr=${podCidr}`,
    `--runtime=${runtime}`,
    `--tls-cert-file=${certificatePath(layout, name)}`,
    `--tls-private-key-file=${keyPath(layout, name)}`,
  ])
}

/** The command line of the kubelet of a node that joins the cluster of another machine. */
export const joinedKubelet = (
  options: Common,
  node: { name: string; nodeIp: string; port: number; runtime: string; timing: Timing },
): ComponentSpec =>
  anyKubelet(options, node, [
    `--bootstrap-kubeconfig=${options.layout.kubeconfigOf('bootstrap')}`,
    `--node-ip=${node.nodeIp}`,
    `--port=${node.port}`,
    `--runtime=${node.runtime}`,
  ])
