/** Prepares a container's file system: the directories that lie over one another, and what is mounted where. */
import { chmodSync, chownSync, mkdirSync, type Stats, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { type Mount, StartError } from '../../runtime.ts'
import { lookUp, type Place, type RootView } from './root-view.ts'

const START_ERROR_EXIT_CODE = 128

export interface RootRequest {
  /** A directory for this container alone, which is made. */
  directory: string
  /** What lies below what the container writes, the uppermost first. */
  lowerLayers: readonly string[]
  /** What every container has mounted, as in a view. */
  systemMounts: ReadonlyMap<string, string>
  mounts: readonly Mount[]
  /** Texts of files by their paths. */
  files: Readonly<Record<string, string>>
  workingDirectory: string
}

/** A volume's place in the container. */
export interface Bind extends Mount {
  /** Without links. */
  containerPath: string
}

export interface ContainerRoot {
  view: RootView
  binds: readonly Bind[]
}

/** What a directory is made with where no lower layer has it. */
const DEFAULT_MODE = 0o755

class Preparation {
  readonly #upper: string
  readonly #view: RootView & { mounts: Map<string, string> }

  constructor(upper: string, { lowerLayers, systemMounts }: Pick<RootRequest, 'lowerLayers' | 'systemMounts'>) {
    this.#upper = upper
    this.#view = { layers: [upper, ...lowerLayers], mounts: new Map(systemMounts) }
  }

  get view(): RootView {
    return this.#view
  }

  /** Makes a directory and those above it, as they are in the lower layers as far as they are there. */
  directory(path: string): Place {
    const place = lookUp(this.#view, path)
    if (place.path === '/' || this.#view.mounts.has(place.path)) return place
    if (place.stats !== undefined && !place.stats.isDirectory()) throw new Error(`${path} is not a directory`)
    this.directory(dirname(place.path))
    const hostPath = this.#placeOf(place.path)
    // What is in a volume is there or is made; what is in a layer needs its like in the upper one.
    if (place.stats === undefined || !place.hostPaths.includes(hostPath)) this.#make(hostPath, place.stats)
    return lookUp(this.#view, place.path)
  }

  /** Makes a file, empty unless a text is given, in place of what a lower layer has. */
  file(path: string, text = ''): void {
    const place = lookUp(this.#view, path)
    this.directory(dirname(place.path))
    writeFileSync(this.#placeOf(place.path), text, { mode: 0o644 })
  }

  /** Prepares the place of a mount, and counts it as done. */
  mount(mount: Mount, isDirectory: boolean): Bind {
    const { path, stats } = lookUp(this.#view, posix.resolve('/', mount.containerPath))
    if (isDirectory) this.directory(path)
    else if (stats === undefined) this.file(path)
    this.#view.mounts.set(path, mount.hostPath)
    return { ...mount, containerPath: path }
  }

  /** Where the host keeps what is made at a path without links: in the nearest mount above it, or in the upper layer. */
  #placeOf(path: string): string {
    for (let above = dirname(path); above !== '/'; above = dirname(above)) {
      const mounted = this.#view.mounts.get(above)
      if (mounted !== undefined) return join(mounted, path.slice(above.length))
    }
    return join(this.#upper, path)
  }

  #make(path: string, like: Stats | undefined): void {
    mkdirSync(path)
    chmodSync(path, (like?.mode ?? DEFAULT_MODE) & 0o7777)
    if (like !== undefined) chownSync(path, like.uid, like.gid)
  }
}

/** Makes everything but the mounts themselves. Throws a StartError. */
export function prepareRoot(
  { directory, mounts, files, workingDirectory, ...request }: RootRequest,
  isDirectory: (path: string) => boolean,
): ContainerRoot {
  for (const name of ['upper', 'work', 'root']) mkdirSync(join(directory, name), { recursive: true, mode: 0o700 })
  const upper = join(directory, 'upper')
  chmodSync(upper, DEFAULT_MODE)
  const preparation = new Preparation(upper, request)
  for (const [path, text] of Object.entries(files)) preparation.file(path, text)
  const binds = mounts.map((mount) => {
    try {
      return preparation.mount(mount, isDirectory(mount.hostPath))
    } catch (error) {
      const what = `error mounting ${JSON.stringify(mount.hostPath)} to ${JSON.stringify(mount.containerPath)}`
      throw new StartError(`${what}: ${(error as Error).message}`, START_ERROR_EXIT_CODE)
    }
  })
  try {
    // As upstream's runtimes, which make a working directory that is missing.
    preparation.directory(posix.resolve('/', workingDirectory))
  } catch (error) {
    const what = `mkdir ${workingDirectory}`
    throw new StartError(`${what}: ${(error as Error).message}`, START_ERROR_EXIT_CODE)
  }
  return { view: preparation.view, binds }
}
