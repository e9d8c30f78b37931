import { join, posix } from 'node:path'
import type { Container } from '../../shared/api/pod/pod.ts'
import type { RootView } from '../images/paths.ts'
import { mountVariables, type NamedMount, translateMounted } from '../runtime/mounted-paths.ts'
import type { Mount } from '../runtime/runtime.ts'
import { layOutRoot } from './root-links.ts'

/** The root of a container whose volumes are links, and what its programs are told of it. */
export interface LinkedRoot {
  view: RootView
  /** The container's environment: a variable that is a path of a volume is translated, and the volumes' own are added. */
  environment(variables: Readonly<Record<string, string>>): Record<string, string>
}

const namedMounts = ({ volumeMounts = [] }: Pick<Container, 'volumeMounts'>): NamedMount[] =>
  volumeMounts.map(({ name, mountPath }) => ({ volume: name, containerPath: posix.resolve('/', mountPath) }))

/** Lays out the root of a container below its pod's directory. Throws a VolumeError. */
export async function linkRoot(
  directory: string,
  container: Pick<Container, 'name' | 'volumeMounts'>,
  { imageDirectory, mounts }: { imageDirectory: string | undefined; mounts: readonly Mount[] },
): Promise<LinkedRoot> {
  const rootDirectory = join(directory, 'roots', container.name)
  await layOutRoot(rootDirectory, { imageDirectory, mounts })
  const view = { rootDirectory, imageDirectory, mountPaths: mounts.map(({ containerPath }) => containerPath) }
  const translated = ([name, value]: [string, string]) => [name, translateMounted(view, value)]
  return {
    view,
    environment: (variables) => ({
      ...mountVariables(rootDirectory, namedMounts(container)),
      ...Object.fromEntries(Object.entries(variables).map(translated)),
    }),
  }
}
