/** Image names as Docker and upstream read them: `luksa/kubia` means `docker.io/luksa/kubia:latest`. */

export interface ImageName {
  /** Registry and path: `docker.io/luksa/kubia`. */
  repository: string
  /** Empty where the name has a digest instead. */
  tag: string
  /** `sha256:…`; empty where the name has none. */
  digest: string
}

const DEFAULT_REGISTRY = 'docker.io'
const DEFAULT_NAMESPACE = 'library'
const DEFAULT_TAG = 'latest'

const PATH = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const HOST = '(?:[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?)(?:\\.[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?)*(?::\\d+)?'
const REFERENCE = new RegExp(
  `^(?<path>(?:${HOST}/)?${PATH}(?:/${PATH})*)(?::(?<tag>[\\w][\\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$`,
)
/** Longest repository, which is also a directory name of the store. */
const REPOSITORY_MAX = 200

/** Whether the first part of a path is a registry and not a part of the name, by Docker's rule. */
const isRegistry = (part: string) => /[.:A-Z]/.test(part) || part === 'localhost'

function repositoryOf(path: string): string {
  const [first, ...rest] = path.split('/') as [string, ...string[]]
  const [registry, name] = rest.length > 0 && isRegistry(first) ? [first, rest.join('/')] : [DEFAULT_REGISTRY, path]
  const isShort = registry === DEFAULT_REGISTRY && !name.includes('/')
  return `${registry}/${isShort ? `${DEFAULT_NAMESPACE}/` : ''}${name}`
}

/** The complete name that a short one stands for, or undefined where it is none (upstream's `InvalidImageName`). */
export function parseImageName(name: string): ImageName | undefined {
  const groups = REFERENCE.exec(name)?.groups
  if (groups === undefined) return undefined
  const repository = repositoryOf(groups.path!)
  if (repository.length > REPOSITORY_MAX) return undefined
  const digest = groups.digest ?? ''
  return { repository, tag: groups.tag ?? (digest === '' ? DEFAULT_TAG : ''), digest }
}

/** Why a text is no image name, in the words of upstream's parser. */
export function imageNameProblem(name: string): string {
  const [first, ...rest] = name.split('/') as [string, ...string[]]
  const [registry, remainder] =
    rest.length > 0 && isRegistry(first) ? [first, rest.join('/')] : [DEFAULT_REGISTRY, name]
  const isShort = registry === DEFAULT_REGISTRY && !remainder.includes('/')
  const path = `${isShort ? `${DEFAULT_NAMESPACE}/` : ''}${remainder}`.split(':')[0]!
  const why = path === path.toLowerCase() ? '' : `: repository name (${path}) must be lowercase`
  return `invalid reference format${why}`
}
