import { imageNameProblem, parseImageName } from './image-name.ts'
import { type RootView, translateDirectory, translateIn, translateSearchPath, translateWordsIn } from './paths.ts'
import { parseSignal } from './signal.ts'
import type { ImageStore, StoredImage } from './store.ts'

/** What of a container decides what it runs. `command` and `args` have their `$(NAME)` references expanded. */
export interface ImageUser {
  image?: string
  imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never'
  command?: readonly string[]
  args?: readonly string[]
  workingDir?: string
}

export type Resolution =
  | {
      kind: 'run'
      argv: string[]
      /** The image's environment; the pod's own goes on top of it. */
      env: Record<string, string>
      /** Directory of the host in which the program starts; absent where neither pod nor image names one. */
      workingDirectory?: string
      /** `sha256:…`; empty where the program is the host's own. */
      imageId: string
      /**
       * Directory of the host that is the container's root: commands of probes and hooks are translated with it. Absent
       * where they need not be.
       */
      rootDirectory?: string
      /** How the program is asked to end, where the image says so. */
      stopSignal?: NodeJS.Signals
      /** Absent where the program is the host's own. */
      image?: StoredImage
      /** Text of a Warning event: the image is missing, and the command runs from the host. */
      warning?: string
    }
  /** The container waits; `reason` and `message` are those of its waiting state and of its events. */
  | {
      kind: 'waiting'
      reason: 'InvalidImageName' | 'ErrImageNeverPull' | 'ErrImagePull' | 'CreateContainerError'
      message: string
    }

/**
 * Command and arguments by upstream's rule: `command` replaces entrypoint and the image's arguments, `args` alone
 * replaces the image's arguments.
 */
function commandLine({ command = [], args = [] }: ImageUser, image: StoredImage | undefined): string[] {
  const { Entrypoint = [], Cmd = [] } = image?.config.config ?? {}
  if (command.length > 0) return [...command, ...args]
  return [...Entrypoint, ...(args.length > 0 ? args : Cmd)]
}

function environmentOf({ config }: StoredImage, view: RootView): Record<string, string> {
  const entries = (config.config.Env ?? []).map((entry) => {
    const split = entry.indexOf('=')
    const [name, value] = [entry.slice(0, split), entry.slice(split + 1)]
    return [name, name === 'PATH' ? translateSearchPath(view, value) : value]
  })
  return Object.fromEntries(entries)
}

function missing({ image = '', imagePullPolicy }: ImageUser): Resolution {
  if (imagePullPolicy === 'Never') {
    const message = `Container image "${image}" is not present with pull policy of Never`
    return { kind: 'waiting', reason: 'ErrImageNeverPull', message }
  }
  const message = `image "${image}" is not in the image store: build it with \`kubeproc image build -t ${image} DIR\`, or give the container a command, which then runs from the host`
  return { kind: 'waiting', reason: 'ErrImagePull', message }
}

/** Lays out the container's root over the files of its image, if it has one. Without a root all paths stay as they are. */
export type LayOut = (imageDirectory: string | undefined) => Promise<RootView>

/** The image's own directory is the root. */
const plainRoot: LayOut = async (rootDirectory) => ({ rootDirectory, mountPaths: [] })

/** A command that runs from the host, in the container's root where it has one. */
async function fromHost(container: ImageUser, warning: string, layOut: LayOut): Promise<Resolution> {
  const view = await layOut(undefined)
  const { rootDirectory } = view
  const { workingDir } = container
  const workingDirectory = workingDir ? translateIn(view, workingDir) : rootDirectory
  return {
    kind: 'run',
    argv: translateWordsIn(view, commandLine(container, undefined)),
    env: {},
    ...(workingDirectory !== undefined && { workingDirectory }),
    imageId: '',
    ...(rootDirectory !== undefined && { rootDirectory }),
    warning,
  }
}

/** What a container runs: the program of its image, its own command from the host where there is no such image, or why nothing. */
export async function resolveImage(
  store: Pick<ImageStore, 'find'>,
  container: ImageUser,
  layOut: LayOut = plainRoot,
): Promise<Resolution> {
  const { image: name = '', command = [], workingDir } = container
  if (parseImageName(name) === undefined) {
    const message = `Failed to apply default image tag "${name}": couldn't parse image name "${name}": ${imageNameProblem(name)}`
    return { kind: 'waiting', reason: 'InvalidImageName', message }
  }
  const image = await store.find(name)
  if (image === undefined) {
    if (command.length === 0) return missing(container)
    return fromHost(
      container,
      `Container image "${name}" is not in the image store: its command runs from the host`,
      layOut,
    )
  }
  const { id, config } = image
  const view = await layOut(image.rootDirectory)
  const { rootDirectory } = view
  const argv = translateWordsIn(view, commandLine(container, image))
  if (argv.length === 0) return { kind: 'waiting', reason: 'CreateContainerError', message: 'no command specified' }
  const { WorkingDir, StopSignal } = config.config
  const stopSignal = StopSignal === undefined ? undefined : parseSignal(StopSignal)
  return {
    kind: 'run',
    image,
    argv,
    env: environmentOf(image, view),
    workingDirectory: translateDirectory(view, workingDir || WorkingDir || '/'),
    imageId: id,
    ...(rootDirectory !== undefined && { rootDirectory }),
    ...(stopSignal !== undefined && { stopSignal }),
  }
}
