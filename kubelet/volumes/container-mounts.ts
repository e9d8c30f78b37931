/** What one container mounts: the paths that its spec names, with the volumes that the pod has. */
import { realpath } from 'node:fs/promises'
import { join, posix } from 'node:path'
import type { Container, VolumeMount } from '../../shared/api/pod/pod.ts'
import type { Mount } from '../runtime/runtime.ts'
import type { MountedVolume } from './set-up.ts'
import { resolveSubPath, subPathOf } from './sub-path.ts'
import { VolumeError } from './volume-error.ts'

export interface MountsRequest {
  container: Pick<Container, 'name' | 'volumeMounts' | 'volumeDevices'>
  /** The container's environment, for `subPathExpr`. */
  variables: Readonly<Record<string, string>>
  /** By volume name. */
  volumes: ReadonlyMap<string, MountedVolume>
  /**
   * Whether the mounts become links, which a swap of a volume's files must not leave dangling: their paths then keep
   * the volume's own links.
   */
  asLinks: boolean
}

async function hostPathOf(mount: VolumeMount, volume: MountedVolume, request: MountsRequest): Promise<string> {
  const { container, variables, asLinks } = request
  const subPath = subPathOf(mount, variables)
  if (subPath === '') return asLinks ? volume.hostPath : realpath(volume.hostPath)
  const resolved = await resolveSubPath(volume.hostPath, subPath, { mount: mount.name, container: container.name })
  return asLinks && volume.isPublished ? join(volume.hostPath, subPath) : resolved
}

async function mountOf(mount: VolumeMount, request: MountsRequest): Promise<Mount> {
  const { name, mountPath, readOnly = false, mountPropagation: propagation = 'None' } = mount
  const { container, volumes } = request
  const volume = volumes.get(name)
  if (volume === undefined) {
    throw new VolumeError(
      `cannot find volume ${JSON.stringify(name)} to mount into container ${JSON.stringify(container.name)}`,
    )
  }
  const containerPath = posix.resolve('/', mountPath)
  if (containerPath === '/' || mountPath.includes('\0')) {
    throw new VolumeError(`mount destination ${JSON.stringify(mountPath)} is not allowed`)
  }
  const hostPath = await hostPathOf(mount, volume, request)
  return { hostPath, containerPath, readOnly: readOnly || volume.readOnly, propagation }
}

const depthOf = ({ containerPath }: Mount) => containerPath.split('/').length

/** The mounts of a container, outer paths before inner ones. Throws a VolumeError, in the words of upstream. */
export async function containerMounts(request: MountsRequest): Promise<Mount[]> {
  const { container } = request
  const device = container.volumeDevices?.[0]
  if (device !== undefined) {
    throw new VolumeError(
      `cannot find volume ${JSON.stringify(device.name)} to pass into container ${JSON.stringify(container.name)}`,
    )
  }
  const mounts: Mount[] = []
  // One after the other: a sub-path that several mounts name is made once.
  for (const mount of container.volumeMounts ?? []) mounts.push(await mountOf(mount, request))
  return mounts.sort((a, b) => depthOf(a) - depthOf(b))
}
