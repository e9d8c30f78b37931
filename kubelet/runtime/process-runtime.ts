/**
 * The `process` runtime: pods as plain process groups on the host's network, each with a loopback address of its own.
 * It works anywhere and isolates nothing.
 */
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { containerEnvironment } from './container-environment.ts'
import type { Isolation } from './isolation.ts'
import { openPodAddresses } from './pod-addresses.ts'
import type { Feature, Runtime } from './runtime.ts'
import { type RuntimeOptions, startSupervisedRuntime } from './supervised-runtime.ts'

/** Whether the host has an address, as Linux has all of 127.0.0.0/8 and macOS only 127.0.0.1. */
async function hasAddress(ip: string): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(0, ip)
    await once(server, 'listening')
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRNOTAVAIL') return false
    throw error
  } finally {
    server.close()
  }
}

/** A process of the host is what the kubelet itself is, and sees what it sees. */
const UNENFORCED: ReadonlySet<Feature> = new Set([
  ...(['CPU limits', 'memory limits', 'users and groups', 'capabilities', 'privilege escalation'] as const),
  ...(['read-only root file systems', 'read-only mounts', 'mount propagation', 'seccomp profiles'] as const),
  ...(['AppArmor profiles', 'SELinux labels', 'sysctls', 'host aliases', 'DNS settings'] as const),
])

/** Keeps pods apart by their addresses alone. Where the host does not have them, all pods share the node's address. */
function processIsolation(
  { rootDirectory, podCidr, nodeIp }: RuntimeOptions,
  { hasPodAddresses }: { hasPodAddresses: boolean },
): Isolation {
  const addresses = openPodAddresses(join(rootDirectory, 'pod-addresses.json'), podCidr)
  return {
    version: 'process://0.1.0',
    hasMounts: false,
    unenforced: UNENFORCED,
    // Processes of the machine need nothing that it has not.
    prepare: async () => undefined,
    async open(spec) {
      const { podUid, name, hostname = name, hostNetwork = false } = spec
      return { spec, hostname, ip: hostNetwork || !hasPodAddresses ? nodeIp : addresses.assign(podUid) }
    },
    async close(podUid) {
      addresses.free(podUid)
    },
    startSpec({ mounts: _, imageDirectory: _i, security: _s, limits: _l, ...program }, sandbox) {
      return { ...program, env: containerEnvironment(program.env, sandbox) }
    },
    async dial({ ip }, port) {
      const socket = connect(port, ip)
      await once(socket, 'connect')
      return socket
    },
  }
}

/** Starts the `process` runtime of a node. */
export async function startProcessRuntime(options: RuntimeOptions): Promise<Runtime> {
  const hasPodAddresses = hasAddress(options.podCidr.replace(/\d+\/\d+$/, '2'))
  return startSupervisedRuntime(options, async () =>
    processIsolation(options, { hasPodAddresses: await hasPodAddresses }),
  )
}
