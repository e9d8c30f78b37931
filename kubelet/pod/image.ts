/** From a container's image name to the program that it runs. */
import type { Container } from '../../shared/api/pod/pod.ts'
import type { ImageProgram } from './command-line.ts'

/** What an image says about the containers that are made of it. */
export interface Image extends ImageProgram {
  /** As `imageID` shows it. */
  id: string
  env: Readonly<Record<string, string>>
  /** Directory of this machine in which the program starts. */
  workingDirectory: string
  /** Directory of this machine that holds the image's files. */
  rootDirectory: string
  /** Signal that asks the program to end. Default: SIGTERM. */
  stopSignal?: string
}

/** The image store as the kubelet needs it. */
export interface Images {
  /** The image of that name, or nothing where the store has none. */
  find(name: string): Promise<Image | undefined>
}

/** There is no such image, and nothing to run instead. `reason` is the waiting reason. */
export class ImageError extends Error {
  override readonly name = 'ImageError'
  readonly reason: 'ErrImagePull' | 'ErrImageNeverPull'
  constructor(reason: 'ErrImagePull' | 'ErrImageNeverPull', message: string) {
    super(message)
    this.reason = reason
  }
}

/**
 * The container's image, or `undefined` where the store has none and the container's own command runs from the host
 * instead. Throws an ImageError where it names no command.
 */
export async function imageOf({ image, command = [], imagePullPolicy }: Container, images: Images) {
  const found = await images.find(image)
  if (found !== undefined || command.length > 0) return found
  if (imagePullPolicy === 'Never') {
    throw new ImageError('ErrImageNeverPull', `Container image "${image}" is not present with pull policy of Never`)
  }
  const how = `build it with: kubeproc image build -t ${image} DIR`
  throw new ImageError('ErrImagePull', `image "${image}" is not in the image store; ${how}`)
}
