/**
 * Paths of volumes where nothing is mounted: a path at or below a container's mount path means the volume, which lies at
 * the same path below the container's root. The container is told of it by its environment: `KUBEPROC_ROOT`, and for
 * each volume `KUBEPROC_VOLUME_NAME`. Whoever runs another program beside it finds the paths there as well. Pure.
 */
import { join, posix } from 'node:path'

export interface MountedPaths {
  /** The container's root, a directory of the host. */
  rootDirectory: string
  /** Absolute paths as the container names them. */
  mountPaths: readonly string[]
}

const ROOT = 'KUBEPROC_ROOT'
const VOLUME = 'KUBEPROC_VOLUME_'

const isMounted = (path: string, mountPaths: readonly string[]): boolean =>
  mountPaths.some((mountPath) => path === mountPath || path.startsWith(`${mountPath}/`))

/** A word that is a path at or below a mount, as the host understands it; any other word as it is. */
export function translateMounted({ rootDirectory, mountPaths }: MountedPaths, word: string): string {
  if (!word.startsWith('/')) return word
  const path = posix.normalize(word)
  return isMounted(path, mountPaths) ? join(rootDirectory, path) : word
}

/**
 * `tar cf - PATH`, by which `kubectl cp` fetches a path at or below a mount; undefined for any other command. It expects
 * the names in the archive to begin with the path, so tar has to be in the container's root instead of being told of
 * another path. The mount itself is a link, whose content is wanted: a directory’s by a dot behind it, since links in it
 * are to stay links, and that of a single file by following it.
 */
function translateArchive(
  { rootDirectory, mountPaths }: MountedPaths,
  words: readonly string[],
  isDirectory: (path: string) => boolean,
): string[] | undefined {
  const [tar, options, output, word = '', ...others] = words
  if (tar !== 'tar' || options !== 'cf' || output !== '-' || others.length > 0 || !word.startsWith('/'))
    return undefined
  const path = posix.normalize(word).replace(/\/$/, '')
  if (!isMounted(path, mountPaths)) return undefined
  const name = path.slice(1)
  const inRoot = [tar, options, output, '-C', rootDirectory]
  if (!mountPaths.includes(path)) return [...inRoot, name]
  return isDirectory(join(rootDirectory, path)) ? [...inRoot, `${name}/.`] : [...inRoot, '-h', name]
}

/** The volume that admission gives every pod, whose name ends in letters that differ from pod to pod. */
const OWN_TOKEN = /^(kube-api-access)-[a-z0-9]{5}$/

/** A volume's name, and where the container mounts it. */
export interface NamedMount {
  volume: string
  containerPath: string
}

/**
 * What a container's environment says of its volumes. Of several mounts of one volume the first has its plain name, and
 * the others count on: `KUBEPROC_VOLUME_CONF`, `KUBEPROC_VOLUME_CONF_2`.
 */
export function mountVariables(rootDirectory: string, mounts: readonly NamedMount[]): Record<string, string> {
  const variables: Record<string, string> = { [ROOT]: rootDirectory }
  for (const { volume, containerPath } of mounts) {
    const name = `${VOLUME}${volume.replace(OWN_TOKEN, '$1').toUpperCase().replaceAll('-', '_')}`
    let free = name
    for (let count = 2; free in variables; count++) free = `${name}_${count}`
    variables[free] = join(rootDirectory, containerPath)
  }
  return variables
}

/** The words of a command that runs in a container with this environment. `isDirectory` is asked about the host's paths. */
export function translateWordsBy(
  env: Readonly<Record<string, string>>,
  words: readonly string[],
  isDirectory: (path: string) => boolean,
): readonly string[] {
  const rootDirectory = env[ROOT]
  if (rootDirectory === undefined) return words
  const mountPaths = Object.entries(env)
    .filter(([name, value]) => name.startsWith(VOLUME) && value.startsWith(`${rootDirectory}/`))
    .map(([, value]) => value.slice(rootDirectory.length))
  const mounted = { rootDirectory, mountPaths }
  return translateArchive(mounted, words, isDirectory) ?? words.map((word) => translateMounted(mounted, word))
}
