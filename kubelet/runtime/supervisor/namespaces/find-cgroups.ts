import { accessSync, constants, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Hierarchies, PARENT_GROUP } from './cgroup-files.ts'

const RESOURCES = ['cpu', 'memory', 'pids'] as const
const V1_ROOT = '/sys/fs/cgroup'
/** Whether a group can be made there. */
function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK)
    // A file system that is mounted read-only shows only when it is written to.
    const trial = join(directory, `${PARENT_GROUP}-trial-${process.pid}`)
    mkdirSync(trial)
    rmdirSync(trial)
    return true
  } catch {
    return false
  }
}

/** Lets the groups below one of version 2 have limits of their own. */
export const enableResources = (directory: string): void =>
  writeFileSync(join(directory, 'cgroup.subtree_control'), RESOURCES.map((name) => `+${name}`).join(' '))

/** Version 2 at its root, with all resources enabled for those who are below the nodes' groups. */
function findVersion2(): string | undefined {
  try {
    const controllers = readFileSync(join(V1_ROOT, 'cgroup.controllers'), 'utf8').trim().split(' ')
    if (!RESOURCES.every((name) => controllers.includes(name)) || !isWritable(V1_ROOT)) return undefined
    enableResources(V1_ROOT)
    return V1_ROOT
  } catch {
    // There is no such hierarchy, or it is somebody else's to share out.
    return undefined
  }
}

/** Finds where control groups can be made; what is missing in the answer cannot be limited. */
export function findHierarchies(): Hierarchies {
  const v2 = findVersion2()
  if (v2 !== undefined) return { v1: {}, v2 }
  const found = RESOURCES.map((name) => [name, join(V1_ROOT, name)] as const).filter(([, path]) => isWritable(path))
  return { v1: Object.fromEntries(found) }
}
