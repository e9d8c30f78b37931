import { mkdir, readFile, realpath, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { BuildError } from './build-error.ts'
import type { BuildContext } from './copy.ts'
import { digestOfTree } from './digest.ts'
import { type Instruction, parseDockerfile } from './dockerfile.ts'
import { parseImageName } from './image-name.ts'
import { newDraft, perform } from './instructions.ts'
import { parseIgnoreFile } from './patterns.ts'
import type { ImageStore } from './store.ts'

export { BuildError }

export interface BuildOptions {
  /** The build context: a directory with a Dockerfile. */
  directory: string
  /** Name of the image: `luksa/kubia`, `registry.example/team/app:v2`. */
  name: string
  store: ImageStore
  /** Values for the Dockerfile's ARGs. */
  buildArgs?: Readonly<Record<string, string>>
}

export interface BuildResult {
  /** `sha256:…` */
  id: string
  /** What the author should know, one sentence each. */
  warnings: readonly string[]
}

/** A cluster's data directory, which holds its keys, is never part of an image unless .dockerignore takes it back. */
const ALWAYS_IGNORED = '**/.kubeproc\n'

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function openContext({ directory, store }: BuildOptions): Promise<BuildContext> {
  const real = await realpath(directory).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new BuildError(`there is no directory ${directory}`) : error
  })
  const ignored = (await readIfThere(join(real, '.dockerignore'))) ?? ''
  return {
    directory: real,
    ignore: parseIgnoreFile(ALWAYS_IGNORED + ignored),
    excluded: await realpath(store.directory),
  }
}

async function readDockerfile(directory: string): Promise<Instruction[]> {
  const path = join(directory, 'Dockerfile')
  const source = await readIfThere(path)
  if (source === undefined) throw new BuildError(`there is no ${path}`)
  const instructions = parseDockerfile(source)
  if (!instructions.some(({ name }) => name === 'FROM')) throw new BuildError(`${path} has no FROM`)
  return instructions
}

/**
 * Builds the image of a directory from its Dockerfile and adds it to the store under `name`. The same sources give the
 * same image. Throws a BuildError for what its author can mend.
 */
export async function buildImage(options: BuildOptions): Promise<BuildResult> {
  const name = parseImageName(options.name)
  if (name === undefined || name.digest !== '') {
    throw new BuildError(
      `${JSON.stringify(options.name)} is no name for an image, such as luksa/kubia or luksa/kubia:v2`,
    )
  }
  const { store, buildArgs = {} } = options
  let warnings: readonly string[] = []
  const { id } = await store.add(name, async (rootDirectory) => {
    const context = await openContext(options)
    const stagesDirectory = `${rootDirectory}-stages`
    await mkdir(stagesDirectory)
    const draft = newDraft({ context, stagesDirectory, store, buildArgs })
    for (const instruction of await readDockerfile(context.directory)) await perform(draft, instruction)
    warnings = draft.warnings
    // The last stage is the image.
    await rename(draft.rootDirectory, rootDirectory)
    await rm(stagesDirectory, { recursive: true })
    return {
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: process.platform,
      config: draft.config,
      rootfs: { type: 'layers', diff_ids: [`sha256:${await digestOfTree(rootDirectory)}`] },
    }
  })
  return { id, warnings }
}
