/**
 * A node's images, on disk:
 *   sha256/HEX/config.json   the image's OCI configuration; HEX is its digest, hence the image's ID
 *   sha256/HEX/rootfs/       the image's files
 *   names/REPOSITORY/TAG     a file that holds the ID of the image of that name
 * Images never change and names are replaced by rename, so that readers need no lock, and containers run on from the
 * image they were started from when its name moves to a newer one.
 */
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ImageConfig } from './image-config.ts'
import { type ImageName, parseImageName } from './image-name.ts'
import { treeSize } from './tree-size.ts'

export interface StoredImage {
  /** `sha256:…` */
  id: string
  config: ImageConfig
  /** Directory that holds the image's files. */
  rootDirectory: string
}

/** An image with what only its place in the store says. */
export interface ListedImage extends StoredImage {
  /** Complete names, such as `docker.io/luksa/kubia:latest`; none where all have moved to other images. */
  names: string[]
  createdMs: number
  sizeBytes: number
}

export interface ImageStore {
  readonly directory: string
  /** The image of that name, or undefined where there is none; also for what is no image name at all. */
  find(name: string): Promise<StoredImage | undefined>
  /**
   * Adds an image and names it. `fill` writes the files into the directory that it is given, and returns the
   * configuration. A failure leaves no trace.
   */
  add(name: ImageName, fill: (rootDirectory: string) => Promise<ImageConfig>): Promise<StoredImage>
  /** The bytes of an image's files. */
  sizeOf(image: StoredImage): Promise<number>
  /** All images, the newest first. */
  list(): Promise<ListedImage[]>
  /** Takes a name away, whose image stays. Nothing where there is no such name. */
  removeName(name: ImageName): Promise<void>
  /** Removes an image's files. Its names must have been taken away. */
  remove(id: string): Promise<void>
}

const ID_PREFIX = 'sha256:'
const CONFIG_FILE = 'config.json'
const ROOT_DIRECTORY = 'rootfs'
const DIGEST = /^[0-9a-f]{64}$/

const isMissing = (error: unknown) => ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

async function entriesOf(path: string): Promise<string[]> {
  try {
    return await readdir(path)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

/**
 * Node.js looks for a program's package.json in the directories above it too. An empty one beside the image's files
 * ends the search: a project that the store happens to lie in has no say in how the image's programs are read.
 */
const PACKAGE_FILE = 'package.json'

/** Opens the image store below a directory, which need not exist. */
export function openImageStore(directory: string): ImageStore {
  const imagePath = (id: string) => join(directory, 'sha256', id.slice(ID_PREFIX.length))
  const namesPath = join(directory, 'names')
  const repositoryPath = ({ repository }: ImageName) => join(namesPath, encodeURIComponent(repository))
  /** By ID: images do not change. */
  const sizes = new Map<string, number>()

  async function read(id: string): Promise<StoredImage | undefined> {
    const path = imagePath(id)
    const text = await readIfThere(join(path, CONFIG_FILE))
    if (text === undefined) return undefined
    return { id, config: JSON.parse(text) as ImageConfig, rootDirectory: join(path, ROOT_DIRECTORY) }
  }

  async function sizeOf({ id, rootDirectory }: StoredImage): Promise<number> {
    const size = sizes.get(id) ?? (await treeSize(rootDirectory))
    sizes.set(id, size)
    return size
  }

  /** All names, by the ID of their image. */
  async function namesById(): Promise<Map<string, string[]>> {
    const names = new Map<string, string[]>()
    for (const folder of await entriesOf(namesPath)) {
      // What begins with a dot is a name that is just being written.
      for (const tag of (await entriesOf(join(namesPath, folder))).filter((entry) => !entry.startsWith('.'))) {
        const id = await readIfThere(join(namesPath, folder, tag))
        if (id !== undefined) names.set(id, [...(names.get(id) ?? []), `${decodeURIComponent(folder)}:${tag}`].sort())
      }
    }
    return names
  }

  async function listed(id: string, names: string[]): Promise<ListedImage[]> {
    const image = await read(id)
    if (image === undefined) return []
    try {
      const { mtimeMs } = await stat(join(imagePath(id), CONFIG_FILE))
      return [{ ...image, names, createdMs: Math.round(mtimeMs), sizeBytes: await sizeOf(image) }]
    } catch (error) {
      // It was removed in this moment.
      if (isMissing(error)) return []
      throw error
    }
  }

  async function setName(name: ImageName, id: string): Promise<void> {
    const repository = repositoryPath(name)
    await mkdir(repository, { recursive: true, mode: 0o700 })
    const temporary = join(repository, `.${randomBytes(8).toString('hex')}`)
    await writeFile(temporary, id, { mode: 0o600 })
    await rename(temporary, join(repository, name.tag))
  }

  return {
    directory,

    async find(text) {
      const name = parseImageName(text)
      if (name === undefined) return undefined
      const id = name.digest === '' ? await readIfThere(join(repositoryPath(name), name.tag)) : name.digest
      return id === undefined ? undefined : read(id)
    },

    async add(name, fill) {
      const draft = join(directory, `.draft-${randomBytes(8).toString('hex')}`)
      const rootDirectory = join(draft, ROOT_DIRECTORY)
      try {
        await mkdir(rootDirectory, { recursive: true, mode: 0o700 })
        const text = JSON.stringify(await fill(rootDirectory))
        await writeFile(join(draft, CONFIG_FILE), text, { mode: 0o600 })
        await writeFile(join(draft, PACKAGE_FILE), '{}', { mode: 0o600 })
        const id = `${ID_PREFIX}${createHash('sha256').update(text).digest('hex')}`
        await mkdir(join(directory, 'sha256'), { recursive: true, mode: 0o700 })
        await rename(draft, imagePath(id)).catch((error: NodeJS.ErrnoException) => {
          // The very same image is there already.
          if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
        })
        await setName(name, id)
        return (await read(id))!
      } finally {
        await rm(draft, { recursive: true, force: true })
      }
    },

    sizeOf,

    async list() {
      const [names, folders] = await Promise.all([namesById(), entriesOf(join(directory, 'sha256'))])
      const ids = folders.filter((name) => DIGEST.test(name)).map((name) => `${ID_PREFIX}${name}`)
      const all = await Promise.all(ids.map((id) => listed(id, names.get(id) ?? [])))
      return all.flat().sort((a, b) => b.createdMs - a.createdMs || a.id.localeCompare(b.id))
    },

    async removeName(name) {
      if (name.digest === '') await rm(join(repositoryPath(name), name.tag), { force: true })
    },

    async remove(id) {
      if (!DIGEST.test(id.slice(ID_PREFIX.length))) throw new Error(`${id} is no ID of an image`)
      sizes.delete(id)
      // Out of the way in one step: nobody finds half an image.
      const doomed = join(directory, `.removed-${randomBytes(8).toString('hex')}`)
      await rename(imagePath(id), doomed)
      await rm(doomed, { recursive: true, force: true })
    },
  }
}
