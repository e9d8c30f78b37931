/** Where volumes are on the node, as upstream lays them out. Pure. */
import { join } from 'node:path'
import { VolumeError } from './volume-error.ts'

/** Leads, in a node's root directory, to what is kept in memory. */
export const MEMORY_LINK = 'memory'

/** Names of volumes are DNS labels. What is none must not become part of a path. */
const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

/** The directory of a volume below that of its pod. `plugin` is upstream's name of what makes it: `empty-dir`, `secret` … */
export function volumePath(podDirectory: string, plugin: string, name: string): string {
  if (!LABEL.test(name)) throw new VolumeError(`volume name ${JSON.stringify(name)} is not a DNS label`)
  return join(podDirectory, 'volumes', `kubernetes.io~${plugin}`, name)
}
