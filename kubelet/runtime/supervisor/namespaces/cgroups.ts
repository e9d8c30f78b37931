/**
 * Limits on what a container may use: control groups of the kernel, version 1 (one hierarchy for each resource) or 2 (one
 * for all). A container without limits needs none.
 */
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ResourceLimits } from '../../runtime.ts'
import { type GroupFile, groupFiles, type Hierarchies, PARENT_GROUP } from './cgroup-files.ts'
import { enableResources } from './find-cgroups.ts'

export interface ContainerGroup {
  /** Whose `cgroup.procs` the container's first process joins. */
  directories: string[]
  /** Removes it, once its processes have ended. */
  remove(): { oomKilled?: true }
}

export interface Cgroups {
  /** Makes the group of a container with this ID. */
  make(id: string, limits: ResourceLimits): ContainerGroup
  /** Removes the groups that a supervisor that was killed has left. */
  sweep(): void
}

const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT'

/** Whether the kernel has ended a process of the group for want of memory, by a file with lines `oom_kill NUMBER`. */
function hasOomKill(path: string): boolean {
  try {
    return /^oom_kill [1-9]/m.test(readFileSync(path, 'utf8'))
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

/** Removes a group. One that still has processes stays, and is removed by the next sweep. */
function removeGroup(path: string): void {
  try {
    rmdirSync(path)
  } catch (error) {
    if (!isMissing(error) && (error as NodeJS.ErrnoException).code !== 'EBUSY') throw error
  }
}

const directoriesOf = ({ v1, v2 }: Hierarchies): string[] => [...new Set([...Object.values(v1), ...(v2 ?? [])])]

/** The groups of a node; `name` is its own among those of all nodes of the machine. */
export function openCgroups(hierarchies: Hierarchies, name: string): Cgroups {
  const own = (hierarchy: string) => join(hierarchy, PARENT_GROUP, name)

  /** The groups between the root and the containers' must exist, and in version 2 hand the resources down. */
  const makeParents = (hierarchy: string) => {
    mkdirSync(own(hierarchy), { recursive: true })
    if (hierarchies.v2 === undefined) return
    for (const parent of [join(hierarchy, PARENT_GROUP), own(hierarchy)]) enableResources(parent)
  }

  const write = (group: string, { file, value }: GroupFile) => writeFileSync(join(group, file), value)

  return {
    make(id, limits) {
      const wanted = groupFiles(hierarchies, limits)
      const groups = wanted.map(({ hierarchy, files }) => {
        makeParents(hierarchy)
        const group = join(own(hierarchy), id)
        mkdirSync(group)
        for (const file of files) write(group, file)
        return group
      })
      return {
        directories: groups,
        remove() {
          const oomKilled = groups.some(
            (group) => hasOomKill(join(group, 'memory.oom_control')) || hasOomKill(join(group, 'memory.events')),
          )
          groups.forEach(removeGroup)
          return oomKilled ? { oomKilled } : {}
        },
      }
    },
    sweep() {
      for (const hierarchy of directoriesOf(hierarchies)) {
        const parent = own(hierarchy)
        try {
          for (const entry of readdirSync(parent, { withFileTypes: true }))
            if (entry.isDirectory()) removeGroup(join(parent, entry.name))
          removeGroup(parent)
          removeGroup(join(hierarchy, PARENT_GROUP))
        } catch (error) {
          // Nothing is left of an earlier one, or other nodes have theirs beside it.
          if (!isMissing(error) && (error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error
        }
      }
    },
  }
}
