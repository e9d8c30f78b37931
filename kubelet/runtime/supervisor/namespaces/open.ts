import { mkdirSync } from 'node:fs'
import type { Launch } from '../launch.ts'
import type { NodeIsolation } from '../protocol.ts'
import { loadSpawn } from '../spawn.ts'
import { openCgroups } from './cgroups.ts'
import { findHierarchies } from './find-cgroups.ts'
import { closeFirewall, openFirewall } from './firewall.ts'
import { launchInNamespaces } from './launch.ts'
import { makeNodeFiles } from './node-files.ts'
import { NodeSpace } from './node-space.ts'
import { Sandboxes } from './sandboxes.ts'
import { findTools } from './tools.ts'

export interface NamespacesRequest extends NodeIsolation {
  directory: string
  /** Holds a directory for each container. */
  containers: string
  /** That of the node's control groups. */
  name: string
}

/** Makes a node's namespaces and what is needed to start containers in them. Rejects where the machine does not allow it. */
export async function openNamespaces({ network, hidden, directory, containers, name }: NamespacesRequest) {
  mkdirSync(containers, { recursive: true, mode: 0o700 })
  const space = await NodeSpace.open(network, { directory, tools: findTools() })
  try {
    const [spawn, files] = await Promise.all([
      loadSpawn(),
      makeNodeFiles(space, hidden),
      openFirewall(directory, network),
    ])
    const sandboxes = new Sandboxes(space)
    const cgroups = openCgroups(findHierarchies(), name)
    const launch: Launch = launchInNamespaces({ space, sandboxes, files, cgroups, spawn, directory: containers })
    return { space, sandboxes, launch }
  } catch (error) {
    await space.close()
    throw error
  }
}

/** Removes what outlives the processes of a node: control groups, and rules of the packet filter. */
export async function sweepNamespaces({
  directory,
  name,
}: Pick<NamespacesRequest, 'directory' | 'name'>): Promise<void> {
  openCgroups(findHierarchies(), name).sweep()
  await closeFirewall(directory)
}
