/**
 * The `namespaces` runtime: each pod has a network, a host name and shared memory of its own, each container processes
 * and a file system of its own: its image's files over the host's, on which it writes a layer that goes with it.
 */
import { once } from 'node:events'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { isolatedEnvironment } from './container-environment.ts'
import type { Isolation, OpenSandbox } from './isolation.ts'
import { openPodAddresses } from './pod-addresses.ts'
import { hostsFile, nodeHostsFile } from './pod-files.ts'
import type { Feature, Runtime, Security } from './runtime.ts'
import { type RuntimeOptions, startSupervisedRuntime } from './supervised-runtime.ts'
import type { Hierarchies } from './supervisor/namespaces/cgroup-files.ts'
import { findHierarchies } from './supervisor/namespaces/find-cgroups.ts'
import { nodeNetwork } from './supervisor/namespaces/node-network.ts'
import type { NodeIsolation, SandboxParams } from './supervisor/protocol.ts'
import type { SupervisorClient } from './supervisor-client.ts'

export interface NamespacesOptions extends RuntimeOptions {
  /** Paths of the host that no container sees; the node's root directory is one in any case. Default: none. */
  hiddenPaths?: readonly string[]
}

/** Without a word in the pod's spec. */
const DEFAULT_SECURITY: Security = {
  groups: [],
  privileged: false,
  allowPrivilegeEscalation: true,
  readOnlyRootFilesystem: false,
  addedCapabilities: [],
  droppedCapabilities: [],
}

const paramsOf = ({ spec, hostname, ip }: OpenSandbox, node: NodeIsolation): SandboxParams => ({
  podUid: spec.podUid,
  hostname,
  node,
  ...(spec.hostNetwork !== true && { ip }),
  ...(spec.hostPid && { hostPid: true }),
  ...(spec.hostIpc && { hostIpc: true }),
  ...(spec.shareProcessNamespace && { shareProcessNamespace: true }),
})

/** The files that tell the container where it is. */
function filesOf({ spec, hostname, ip }: OpenSandbox): Record<string, string> {
  const hosts = spec.hostNetwork
    ? nodeHostsFile(spec, readFileSync('/etc/hosts', 'utf8'))
    : hostsFile(spec, ip, hostname)
  return {
    '/etc/hosts': hosts,
    '/etc/hostname': `${hostname}\n`,
    '/etc/resolv.conf': spec.resolverConfig ?? readFileSync('/etc/resolv.conf', 'utf8'),
  }
}

/** Those that exist, without links, and without what is inside of others. */
function outermost(paths: readonly string[]): string[] {
  const real = [...new Set(paths.filter((path) => existsSync(path)).map((path) => realpathSync(path)))]
  return real.filter((path) => !real.some((other) => path.startsWith(`${other}/`)))
}

/** What the kernel could do but nobody here asks it for, and what the machine's control groups do not allow. */
const unenforced = ({ v1, v2 }: Hierarchies): ReadonlySet<Feature> =>
  new Set([
    ...(['mount propagation', 'seccomp profiles', 'AppArmor profiles', 'SELinux labels', 'sysctls'] as const),
    ...(v2 === undefined && v1.cpu === undefined ? ['CPU limits' as const] : []),
    ...(v2 === undefined && v1.memory === undefined ? ['memory limits' as const] : []),
  ])

function namespaceIsolation(
  { rootDirectory, podCidr, nodeIp, hiddenPaths = [] }: NamespacesOptions,
  client: SupervisorClient,
): Isolation {
  const addresses = openPodAddresses(join(rootDirectory, 'pod-addresses.json'), podCidr)
  const node: NodeIsolation = { network: nodeNetwork(podCidr), hidden: outermost([rootDirectory, ...hiddenPaths]) }
  return {
    version: 'namespaces://0.1.0',
    hasMounts: true,
    unenforced: unenforced(findHierarchies()),
    async prepare() {
      await client.request('openNode', node)
    },
    async open(spec) {
      const { podUid, name, hostname = name, hostNetwork = false } = spec
      const sandbox = { spec, hostname, ip: hostNetwork ? nodeIp : addresses.assign(podUid) }
      await client.request('openSandbox', paramsOf(sandbox, node))
      return sandbox
    },
    async close(podUid) {
      await client.request('closeSandbox', { podUid })
      addresses.free(podUid)
    },
    startSpec({ mounts = [], imageDirectory, security = DEFAULT_SECURITY, limits = {}, ...program }, sandbox) {
      const isolated = { sandbox: paramsOf(sandbox, node), mounts, files: filesOf(sandbox), security, limits }
      return {
        ...program,
        env: isolatedEnvironment(program.env, sandbox),
        isolated: { ...isolated, ...(imageDirectory !== undefined && { imageDirectory }) },
      }
    },
    async dial(sandbox, port) {
      const socket = connect(port, sandbox.ip)
      try {
        await once(socket, 'connect')
        return socket
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw error
        // Perhaps it listens on the pod's `localhost` only.
        const { pid } = await client.request('openSandbox', paramsOf(sandbox, node))
        const { dialInside } = await import('./dial-inside.ts')
        return dialInside(pid, port)
      }
    },
  }
}

/** Starts the `namespaces` runtime of a node. Whether the machine allows it shows with the first pod. */
export const startNamespacesRuntime = (options: NamespacesOptions): Promise<Runtime> =>
  startSupervisedRuntime(options, (client) => namespaceIsolation(options, client))
