/**
 * What a container sees at a path, found out from the host: its file system is a stack of directories with mounts on it.
 * Links are followed as they are inside, so that no link of an image or a volume leads to a file of the host.
 */
import { lstatSync, readlinkSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Files } from '../program.ts'

export interface RootView {
  /** Directories of the host whose contents lie over one another, the uppermost first. */
  layers: readonly string[]
  /** By plain absolute path without links: a directory or file of the host that covers everything there. */
  mounts: ReadonlyMap<string, string>
}

export interface Place {
  /** The path inside, without links. */
  path: string
  /** What is there; absent where there is nothing. */
  stats?: Stats
  /** Where it is on the host, uppermost first; several for a directory that several layers have. Empty where there is nothing. */
  hostPaths: readonly string[]
}

/** As many as the kernel follows. */
const LINKS_MAX = 40

const lstat = (path: string) => lstatSync(path, { throwIfNoEntry: false })

/** A character device 0:0 in an upper layer hides what lower ones have. */
const isWhiteout = (stats: Stats) => stats.isCharacterDevice() && stats.rdev === 0

/** An entry of a directory that lies in several layers. */
function entryOf(directories: readonly string[], name: string): Omit<Place, 'path'> {
  const hostPaths: string[] = []
  let first: Stats | undefined
  for (const directory of directories) {
    const hostPath = join(directory, name)
    const stats = lstat(hostPath)
    if (stats === undefined) continue
    if (isWhiteout(stats)) break
    // Only a directory lets what is below it show through, and only directories.
    if (first !== undefined && !stats.isDirectory()) break
    first ??= stats
    hostPaths.push(hostPath)
    if (!stats.isDirectory()) break
  }
  return { hostPaths, ...(first !== undefined && { stats: first }) }
}

/** What a container sees at an absolute path. Throws where links lead in a circle. */
export function lookUp({ layers, mounts }: RootView, path: string): Place {
  const root: Place = { path: '/', hostPaths: layers, stats: statSync(layers[0]!) }
  const trail: Place[] = [root]
  const left = path.split('/').reverse()
  let links = 0
  while (left.length > 0) {
    const name = left.pop()!
    if (name === '' || name === '.') continue
    if (name === '..') {
      if (trail.length > 1) trail.pop()
      continue
    }
    const parent = trail.at(-1)!
    const here = join(parent.path, name)
    const mounted = mounts.get(here)
    const stats = mounted === undefined ? undefined : lstat(mounted)
    const found =
      mounted === undefined
        ? entryOf(parent.hostPaths, name)
        : { hostPaths: [mounted], ...(stats !== undefined && { stats }) }
    if (found.stats?.isSymbolicLink() !== true) {
      trail.push({ path: here, ...found })
      continue
    }
    if (++links > LINKS_MAX) throw new Error(`${path}: too many levels of symbolic links`)
    const target = readlinkSync(found.hostPaths[0]!)
    if (target.startsWith('/')) trail.length = 1
    left.push(...target.split('/').reverse())
  }
  return trail.at(-1)!
}

const EXECUTABLE = 0o111

const denied = () => Object.assign(new Error('permission denied'), { code: 'EACCES' })

/** A container's files, to look for programs among them. */
export const filesOf = (view: RootView): Files => ({
  stat: (path) => lookUp(view, path).stats,
  checkExecutable(path) {
    const { stats } = lookUp(view, path)
    if (stats?.isFile() !== true || (stats.mode & EXECUTABLE) === 0) throw denied()
  },
})
