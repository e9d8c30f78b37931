import { type FieldError, forbidden, invalid, notFound, required } from '../../../field-errors.ts'
import type { Container, VolumeMount } from '../pod.ts'
import { forEach, isDescendingPath, isOneOf } from './rules.ts'
import type { VolumesByName } from './volumes.ts'

type Mounting = Pick<Container, 'volumeMounts' | 'volumeDevices' | 'securityContext'>

function validateReadOnly({ recursiveReadOnly, readOnly, mountPropagation }: VolumeMount, path: string): FieldError[] {
  if (recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled') return []
  if (recursiveReadOnly !== 'Enabled' && recursiveReadOnly !== 'IfPossible')
    return isOneOf(path, recursiveReadOnly, ['Disabled', 'Enabled', 'IfPossible'])
  const errors: FieldError[] = []
  if (!readOnly) errors.push(forbidden(path, 'may only be specified when readOnly is true'))
  if (mountPropagation !== undefined && mountPropagation !== 'None')
    errors.push(forbidden(path, 'may only be specified when mountPropagation is None or not specified'))
  return errors
}

function validatePropagation(mode: VolumeMount['mountPropagation'], isPrivileged: boolean, path: string) {
  const errors = isOneOf(path, mode, ['Bidirectional', 'HostToContainer', 'None'])
  if (mode === 'Bidirectional' && !isPrivileged)
    errors.push(forbidden(path, 'Bidirectional mount propagation is available only to privileged containers'))
  return errors
}

/** `listPath`: upstream reports sub-paths and propagation on the list, not on the single mount. */
function validateSubPath(mount: VolumeMount, { path, listPath }: { path: string; listPath: string }, isImage: boolean) {
  const { subPath = '', subPathExpr = '' } = mount
  const errors: FieldError[] = []
  for (const [name, value] of Object.entries({ subPath, subPathExpr })) {
    if (value === '') continue
    if (isImage) errors.push(invalid(`${path}.${name}`, value, 'not allowed in image volume sources'))
    errors.push(...isDescendingPath(`${listPath}.${name}`, value))
  }
  if (subPath !== '' && subPathExpr !== '')
    errors.push(invalid(`${path}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive'))
  return errors
}

export function validateMounts(container: Mounting, path: string, volumes: VolumesByName): FieldError[] {
  const devices = container.volumeDevices ?? []
  const isPrivileged = container.securityContext?.privileged === true
  const taken = new Set<string>()
  return forEach(container.volumeMounts, path, (mount, each) => {
    const { name = '', mountPath = '' } = mount
    const errors: FieldError[] = []
    if (name === '') errors.push(required(`${each}.name`))
    if (!volumes.has(name)) errors.push(notFound(`${each}.name`, name))
    if (mountPath === '') errors.push(required(`${each}.mountPath`))
    if (taken.has(mountPath)) errors.push(invalid(`${each}.mountPath`, mountPath, 'must be unique'))
    taken.add(mountPath)
    if (devices.some((device) => device.name === name))
      errors.push(invalid(`${each}.name`, name, 'must not already exist in volumeDevices'))
    if (devices.some(({ devicePath }) => devicePath === mountPath))
      errors.push(invalid(`${each}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices'))
    return [
      ...errors,
      ...validateSubPath(mount, { path: each, listPath: path }, volumes.get(name)?.image !== undefined),
      ...validatePropagation(mount.mountPropagation, isPrivileged, `${path}.mountPropagation`),
      ...validateReadOnly(mount, `${path}.recursiveReadOnly`),
    ]
  })
}

/** Only claims can be block devices. */
function validateDeviceVolume(name: string, path: string, volumes: VolumesByName): FieldError[] {
  const volume = volumes.get(name)
  if (volume === undefined) return [notFound(path, name)]
  if (volume.persistentVolumeClaim !== undefined || volume.ephemeral !== undefined) return []
  const detail = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'
  return [invalid(path, name, detail)]
}

export function validateDevices(container: Mounting, path: string, volumes: VolumesByName): FieldError[] {
  const mounts = container.volumeMounts ?? []
  const names = new Set<string>()
  const paths = new Set<string>()
  return forEach(container.volumeDevices, path, ({ name = '', devicePath = '' }, each) => {
    const errors: FieldError[] = []
    if (name === '') errors.push(required(`${each}.name`))
    if (names.has(name)) errors.push(invalid(`${each}.name`, name, 'must be unique'))
    errors.push(...validateDeviceVolume(name, `${each}.name`, volumes))
    if (devicePath === '') errors.push(required(`${each}.devicePath`))
    if (paths.has(devicePath)) errors.push(invalid(`${each}.devicePath`, devicePath, 'must be unique'))
    if (devicePath.split('/').includes('..'))
      errors.push(invalid(`${each}.devicePath`, devicePath, "can not contain backsteps ('..')"))
    else paths.add(devicePath)
    if (mounts.some((mount) => mount.name === name))
      errors.push(invalid(`${each}.name`, name, 'must not already exist in volumeMounts'))
    if (mounts.some(({ mountPath }) => mountPath === devicePath))
      errors.push(invalid(`${each}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts'))
    if (name !== '') names.add(name)
    return errors
  })
}
