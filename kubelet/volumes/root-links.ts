/**
 * A container's root for a runtime without mounts: a directory in which its image's files and its volumes are where the
 * container expects them, as links. Directories on the way to a mount are real, and hold links to the image's entries
 * beside it; everything else is one link. The container may write there, and what it writes is gone with its run.
 */
import { lstat, mkdir, readdir, readlink, realpath, rename, rmdir, symlink } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import type { Mount } from '../runtime/runtime.ts'
import { removeTree } from './remove-tree.ts'
import { VolumeError } from './volume-error.ts'

/** A directory of the root, or a mount in it. */
interface Place {
  mount?: Mount
  below: Map<string, Place>
}

function placesOf(mounts: readonly Mount[]): Place {
  const root: Place = { below: new Map() }
  for (const mount of mounts) {
    let place = root
    for (const name of mount.containerPath.split('/').filter((part) => part !== '')) {
      const next = place.below.get(name) ?? { below: new Map() }
      place.below.set(name, next)
      place = next
    }
    place.mount = mount
  }
  return root
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? ''

/** A directory of the image, with all links resolved; nothing where there is none, or where it is not the image's. */
async function directoryOfImage(image: string, path: string): Promise<string | undefined> {
  try {
    const [root, real] = await Promise.all([realpath(image), realpath(path)])
    const isInside = real === root || real.startsWith(root + sep)
    return isInside && (await lstat(real)).isDirectory() ? real : undefined
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(codeOf(error))) return undefined
    throw error
  }
}

/** Puts a mount into a volume in which it lies: the place is made in that volume, as every runtime does. */
async function linkInVolume(directory: string, outer: Mount, places: ReadonlyMap<string, Place>): Promise<void> {
  for (const [name, { mount, below }] of places) {
    const path = join(directory, name)
    if (outer.readOnly) throw new VolumeError(`mkdir ${outer.containerPath}/${name}: read-only file system`)
    if (mount === undefined) {
      await mkdir(path, { recursive: true })
      await linkInVolume(path, outer, below)
      continue
    }
    await linkOver(mount, path)
    await linkInVolume(mount.hostPath, mount, below)
  }
}

/** Links a mount in place of nothing, an empty directory, or a link of an earlier run. */
async function linkOver({ hostPath, containerPath }: Mount, path: string): Promise<void> {
  try {
    await symlink(hostPath, path)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    const stat = await lstat(path)
    if (stat.isSymbolicLink() && (await readlink(path)) === hostPath) return
    const isEmptied =
      stat.isDirectory() &&
      (await rmdir(path).then(
        () => true,
        () => false,
      ))
    if (!isEmptied) {
      throw new VolumeError(
        `mount ${containerPath}: without mount namespaces a volume cannot cover what another volume holds there`,
      )
    }
    await symlink(hostPath, path)
  }
}

async function layOutPlace(place: Place, at: string, image: { root: string; path: string } | undefined): Promise<void> {
  await mkdir(at, { mode: 0o700 })
  const own = image === undefined ? undefined : await directoryOfImage(image.root, image.path)
  for (const name of own === undefined ? [] : await readdir(own)) {
    if (!place.below.has(name)) await symlink(join(own!, name), join(at, name))
  }
  for (const [name, child] of place.below) {
    const path = join(at, name)
    if (child.mount === undefined) {
      await layOutPlace(child, path, image === undefined ? undefined : { ...image, path: join(image.path, name) })
    } else {
      await symlink(child.mount.hostPath, path)
      await linkInVolume(child.mount.hostPath, child.mount, child.below)
    }
  }
}

/** Lays out the root in `directory`, in place of one of an earlier run. Throws a VolumeError. */
export async function layOutRoot(
  directory: string,
  { imageDirectory, mounts }: { imageDirectory: string | undefined; mounts: readonly Mount[] },
): Promise<void> {
  const draft = `${directory}.new`
  await mkdir(dirname(directory), { recursive: true, mode: 0o700 })
  await removeTree(draft)
  const image = imageDirectory === undefined ? undefined : { root: imageDirectory, path: imageDirectory }
  await layOutPlace(placesOf(mounts), draft, image)
  await removeTree(directory)
  await rename(draft, directory)
}
