/**
 * A node's images, on disk:
 *   sha256/HEX/config.json   the image's OCI configuration; HEX is its digest, hence the image's ID
 *   sha256/HEX/rootfs/       the image's files
 *   names/REPOSITORY/TAG     a file that holds the ID of the image of that name
 * Images never change and names are replaced by rename, so that readers need no lock, and containers run on from the
 * image they were started from when its name moves to a newer one.
 */
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ImageConfig } from './image-config.ts'
import { type ImageName, parseImageName } from './image-name.ts'

export interface StoredImage {
  /** `sha256:…` */
  id: string
  config: ImageConfig
  /** Directory that holds the image's files. */
  rootDirectory: string
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
}

const ID_PREFIX = 'sha256:'
const CONFIG_FILE = 'config.json'
const ROOT_DIRECTORY = 'rootfs'

const isMissing = (error: unknown) => ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
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
  const repositoryPath = ({ repository }: ImageName) => join(directory, 'names', encodeURIComponent(repository))

  async function read(id: string): Promise<StoredImage | undefined> {
    const path = imagePath(id)
    const text = await readIfThere(join(path, CONFIG_FILE))
    if (text === undefined) return undefined
    return { id, config: JSON.parse(text) as ImageConfig, rootDirectory: join(path, ROOT_DIRECTORY) }
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
  }
}
