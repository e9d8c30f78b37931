import { boolean, choice, object, type Static, text } from '../schema.ts'
import { coreModel } from './core-model.ts'

export const VolumeMount = object(
  coreModel('VolumeMount'),
  'Puts a volume of the pod into a container.',
  {
    name: text('Name of the volume.'),
    mountPath: text('Path in the container; without `:`.'),
    subPath: text('Path in the volume that is mounted. Default: its root.'),
    subPathExpr: text('The same, with `$(NAME)` for variables of the container. Not together with `subPath`.'),
    readOnly: boolean('Whether the container can only read. Default: false.'),
    recursiveReadOnly: choice('Whether mounts below are read-only too; needs `readOnly`. Default: Disabled.', [
      'Disabled',
      'Enabled',
      'IfPossible',
    ]),
    mountPropagation: choice('Whether mounts below appear on the host, in the container, or not. Default: None.', [
      'Bidirectional',
      'HostToContainer',
      'None',
    ]),
  },
  { required: ['name', 'mountPath'] },
)
export type VolumeMount = Static<typeof VolumeMount>

export const VolumeDevice = object(
  coreModel('VolumeDevice'),
  'Puts a claim of the pod into a container as a block device.',
  {
    name: text('Name of the volume, a persistentVolumeClaim.'),
    devicePath: text('Path of the device in the container.'),
  },
  { required: ['name', 'devicePath'] },
)
export type VolumeDevice = Static<typeof VolumeDevice>
