/**
 * COPY and ADD: files from the build context into an image. Nothing from outside of the context ever gets in, neither by
 * `..` nor through a symbolic link, and no link that leaves what is copied gets into the image.
 */
import { chmod, copyFile, lstat, mkdir, readdir, readlink, realpath, rm, symlink } from 'node:fs/promises'
import { basename, dirname, join, posix, relative, sep } from 'node:path'
import { hasWildcard, type IgnoreRules, patternOf } from './patterns.ts'

export interface BuildContext {
  /** The directory, with all links resolved. */
  directory: string
  ignore: IgnoreRules
  /** The image store, with all links resolved: where it lies in the context, it is no part of it. */
  excluded: string
}

export interface CopyRequest {
  /** Paths in the context, maybe with wildcards. */
  sources: readonly string[]
  /** Where they go: a directory or file of the host inside the image, made as needed. */
  target: string
  /** The target was written as a directory (`dir/`), so even a single file goes into it. */
  isIntoDirectory: boolean
  /** Mode of all copied files and directories; default: as in the context. */
  mode?: number
}

/** What was asked for cannot be copied, in words for the author of the Dockerfile. */
export class CopyError extends Error {
  override readonly name = 'CopyError'
}

const isWithin = (path: string, directory: string) => path === directory || path.startsWith(directory + sep)

/** The paths in the context that a source names. */
async function findSources({ directory, ignore }: BuildContext, source: string): Promise<string[]> {
  const path = posix.normalize(source).replace(/^\/+/, '').replace(/\/$/, '')
  if (path === '..' || path.startsWith('../')) {
    throw new CopyError(
      `${source} is outside of the build context: move it into the directory that is built, or build a directory above`,
    )
  }
  if (!hasWildcard(path)) return [path === '' ? '.' : path]
  const pattern = patternOf(path)
  const depth = path.split('/').length
  const entries = await listTo(directory, depth)
  return entries.filter((entry) => pattern.test(entry) && !ignore.isIgnored(entry)).sort()
}

/** All paths below a directory, down to a depth. */
async function listTo(directory: string, depth: number, below = ''): Promise<string[]> {
  const entries = await readdir(join(directory, below), { withFileTypes: true })
  const nested = entries.map(async (entry) => {
    const path = posix.join(below, entry.name)
    return depth > 1 && entry.isDirectory() ? [path, ...(await listTo(directory, depth - 1, path))] : [path]
  })
  return (await Promise.all(nested)).flat()
}

/** The file behind a path of the context. Refuses one that a link leads out of it. */
async function open(context: BuildContext, source: string): Promise<string> {
  const { directory, ignore } = context
  const missing = () => new CopyError(`${source} is not in the build context ${directory}`)
  if (source !== '.' && ignore.isIgnored(source) && !ignore.hasExceptions)
    throw new CopyError(`${source} is left out of the build context by .dockerignore`)
  const real = await realpath(join(directory, source)).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' || error.code === 'ENOTDIR' ? missing() : error
  })
  if (!isWithin(real, directory))
    throw new CopyError(`${source} leads out of the build context through a symbolic link`)
  return real
}

interface Tree {
  context: BuildContext
  /** What a link may point into. */
  root: string
  mode: number | undefined
}

/** The path as .dockerignore and messages name it. */
const nameOf = ({ directory }: BuildContext, path: string) => relative(directory, path).split(sep).join('/')

/** Copies one file, link or directory tree. */
async function copyTree(tree: Tree, from: string, to: string): Promise<void> {
  const stat = await lstat(from)
  const mode = tree.mode ?? stat.mode
  if (stat.isDirectory()) {
    await mkdir(to, { recursive: true })
    await copyEntries(tree, from, to)
    await chmod(to, mode)
  } else if (stat.isSymbolicLink()) await copyLink(tree, from, to)
  else if (stat.isFile()) {
    // Whatever a base image has in its place goes: a link would lead the copy elsewhere.
    await rm(to, { recursive: true, force: true })
    await copyFile(from, to)
    await chmod(to, mode)
  } else throw new CopyError(`${nameOf(tree.context, from)} is neither a file nor a directory nor a link`)
}

async function copyEntries(tree: Tree, from: string, to: string): Promise<void> {
  const { context } = tree
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const path = join(from, entry.name)
    if (path === context.excluded) continue
    if (!context.ignore.isIgnored(nameOf(context, path))) {
      // Only here, so that an ignored directory is not made for nothing.
      await mkdir(to, { recursive: true })
      await copyTree(tree, path, join(to, entry.name))
    } else if (context.ignore.hasExceptions && entry.isDirectory()) await copyEntries(tree, path, join(to, entry.name))
  }
}

async function copyLink({ context, root }: Tree, from: string, to: string): Promise<void> {
  const target = await readlink(from)
  const staysInside = !target.startsWith('/') && isWithin(join(dirname(from), target), root)
  if (!staysInside) {
    const why = `is a symbolic link to ${target}, which is not part of what is copied`
    throw new CopyError(`${nameOf(context, from)} ${why}: replace it by the file`)
  }
  await rm(to, { recursive: true, force: true })
  await symlink(target, to)
}

/** Carries out one COPY. Throws a CopyError for what the author can mend. */
export async function copyIntoImage(
  context: BuildContext,
  { sources, target, isIntoDirectory, mode }: CopyRequest,
): Promise<void> {
  const found = (await Promise.all(sources.map((source) => findSources(context, source)))).flat()
  if (found.length === 0) throw new CopyError(`no file of the build context matches ${sources.join(', ')}`)
  const isDirectoryTarget = isIntoDirectory || (await isDirectory(target))
  if (found.length > 1 && !isDirectoryTarget)
    throw new CopyError('several files need a directory as destination: end it with a slash')
  for (const source of found) {
    const from = await open(context, source)
    const isTree = (await lstat(from)).isDirectory()
    const to = isTree || !isDirectoryTarget ? target : join(target, basename(source))
    await mkdir(dirname(to), { recursive: true })
    await copyTree({ context, root: isTree ? from : context.directory, mode }, from, to)
  }
}

async function isDirectory(path: string): Promise<boolean> {
  const stat = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  return stat?.isDirectory() === true
}
