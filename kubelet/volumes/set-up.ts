/** How each kind of volume comes to be on the node: the table at the end is the list of what this kubelet supports. */
import { chmod, mkdir, readlink, rm, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Pod, Volume } from '../../shared/api/pod/pod.ts'
import type { NodeAllocatable } from '../pod/resource-field.ts'
import type { FileChoice } from './config-files.ts'
import { downwardFiles } from './downward-files.ts'
import { pathInVolume } from './file-paths.ts'
import { setUpHostPath } from './host-path.ts'
import { ownershipOf, ownTree } from './ownership.ts'
import { volumePath } from './paths.ts'
import type { ProjectedFile, ProjectedFiles } from './projected-file.ts'
import { projectedFiles } from './projected-files.ts'
import { publishFiles } from './publish-files.ts'
import type { Token, TokenWish } from './service-account-tokens.ts'
import { VolumeError } from './volume-error.ts'

/** A volume that is there. */
export interface MountedVolume {
  /** File or directory of the host. */
  hostPath: string
  /** Containers can only read it, whatever their mounts say. */
  readOnly: boolean
  /** The kubelet keeps its files up to date, by swapping them all at once. */
  isPublished: boolean
}

/** What files of volumes are made from. */
export interface FileSources {
  pod: Pod
  allocatable: NodeAllocatable
  /** Whether the kubelet may give files to other users. */
  isRoot: boolean
  /** Throw a VolumeError where the object, or an entry of it, is missing and must not be. */
  configMapFiles(name: string, choice: FileChoice): Promise<ProjectedFiles>
  secretFiles(name: string, choice: FileChoice): Promise<ProjectedFiles>
  token(wish: TokenWish): Promise<Token>
}

export interface SetUpContext extends FileSources {
  /** The pod's directory. */
  directory: string
  nowMs: number
  /** The pod's directory in memory; made where it is missing. */
  memoryDirectory(): Promise<string>
}

type SetUp<Name extends keyof Volume> = (
  source: NonNullable<Volume[Name]>,
  context: SetUpContext,
  name: string,
) => Promise<MountedVolume>

const MODE_DEFAULT = 0o644
/** Whoever runs in the pod may write; whoever does not cannot reach it, for the directories above are the kubelet's alone. */
const EMPTY_DIR_MODE = 0o777
const PUBLISHED_MODE = 0o755

const isTaken = (error: unknown) => (error as NodeJS.ErrnoException).code === 'EEXIST'

/** A directory for a volume, on disk or in memory, and the path by which it is known. One that is there stays as it is. */
async function directoryFor(
  context: SetUpContext,
  { name, plugin, inMemory, mode }: { name: string; plugin: string; inMemory: boolean; mode: number },
): Promise<string> {
  const path = volumePath(context.directory, plugin, name)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const target = inMemory ? join(await context.memoryDirectory(), name) : path
  const isNew = (await mkdir(target, { recursive: true })) !== undefined
  if (isNew) {
    await chmod(target, mode)
    await ownTree(target, ownershipOf(context.pod, { readOnly: false }, context.isRoot))
  }
  if (target !== path) {
    await symlink(target, path).catch(async (error) => {
      if (!isTaken(error)) throw error
      if ((await readlink(path)) === target) return
      // It leads to the memory of a node that has been down since.
      await rm(path)
      await symlink(target, path)
    })
  }
  return target
}

/** Checks where the files are to go, before anything is written. */
function checked(files: ProjectedFiles): ProjectedFiles {
  const paths = new Map<string, ProjectedFile>([...files].map(([path, file]) => [pathInVolume(path), file]))
  for (const path of paths.keys()) {
    const above = path.split('/').slice(0, -1)
    const inTheWay = above.map((_, index) => above.slice(0, index + 1).join('/')).find((parent) => paths.has(parent))
    if (inTheWay !== undefined) throw new VolumeError(`invalid path: ${path} is below the file ${inTheWay}`)
  }
  return paths
}

async function publish(
  files: ProjectedFiles,
  context: SetUpContext,
  { name, plugin, inMemory }: { name: string; plugin: string; inMemory: boolean },
): Promise<MountedVolume> {
  const safe = checked(files)
  const hostPath = await directoryFor(context, { name, plugin, inMemory, mode: PUBLISHED_MODE })
  const ownership = ownershipOf(context.pod, { readOnly: true }, context.isRoot)
  await publishFiles(hostPath, safe, { nowMs: context.nowMs, ownership })
  return { hostPath, readOnly: true, isPublished: true }
}

const emptyDir: SetUp<'emptyDir'> = async ({ medium = '' }, context, name) => {
  if (medium !== '' && medium !== 'Memory') throw new VolumeError(`unknown storage medium ${JSON.stringify(medium)}`)
  const inMemory = medium === 'Memory'
  const hostPath = await directoryFor(context, { name, plugin: 'empty-dir', inMemory, mode: EMPTY_DIR_MODE })
  return { hostPath, readOnly: false, isPublished: false }
}

const hostPath: SetUp<'hostPath'> = async (source) => ({
  hostPath: await setUpHostPath(source),
  readOnly: false,
  isPublished: false,
})

const configMap: SetUp<'configMap'> = async (source, context, name) => {
  const { name: objectName = '', items = [], optional = false, defaultMode = MODE_DEFAULT } = source
  const files = await context.configMapFiles(objectName, { items, optional, defaultMode })
  return publish(files, context, { name, plugin: 'configmap', inMemory: false })
}

const secret: SetUp<'secret'> = async (source, context, name) => {
  const { secretName = '', items = [], optional = false, defaultMode = MODE_DEFAULT } = source
  const files = await context.secretFiles(secretName, { items, optional, defaultMode })
  return publish(files, context, { name, plugin: 'secret', inMemory: true })
}

const downwardAPI: SetUp<'downwardAPI'> = async ({ items = [], defaultMode = MODE_DEFAULT }, context, name) => {
  const files = downwardFiles(items, defaultMode, context)
  return publish(files, context, { name, plugin: 'downward-api', inMemory: false })
}

const projected: SetUp<'projected'> = async (source, context, name) =>
  publish(await projectedFiles(source, context), context, { name, plugin: 'projected', inMemory: true })

const SET_UPS: { readonly [Name in keyof Volume]?: SetUp<Name> } = {
  emptyDir,
  hostPath,
  configMap,
  secret,
  downwardAPI,
  projected,
}

/** The name of a volume's source, such as `configMap`. */
export const sourceOf = (volume: Volume): keyof Volume | undefined =>
  (Object.keys(volume) as (keyof Volume)[]).find((key) => key !== 'name' && volume[key] !== undefined)

/** Whether this kubelet has what it takes to set up the volume. */
export function isSupported(volume: Volume): boolean {
  const source = sourceOf(volume)
  return source !== undefined && Object.hasOwn(SET_UPS, source)
}

/** Makes a volume, or brings it up to date. Throws a VolumeError for what is missing or makes no sense. */
export async function setUpVolume(volume: Volume, context: SetUpContext): Promise<MountedVolume> {
  const source = sourceOf(volume)
  // The table pairs each name with what sets up its source, which a lookup by a name among many cannot say.
  const setUp = source === undefined ? undefined : (SET_UPS[source] as SetUp<keyof Volume> | undefined)
  if (source === undefined || setUp === undefined) throw new VolumeError('no volume plugin matched')
  return setUp(volume[source] as NonNullable<Volume[typeof source]>, context, volume.name)
}
