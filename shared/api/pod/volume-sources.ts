import { boolean, choice, field, list, map, object, quantity, type Static, text } from '../schema.ts'
import { coreModel } from './core-model.ts'
import { pullPolicyFor } from './image-pull-policy.ts'
import { LocalObjectReference } from './references.ts'
import { DownwardAPIVolumeFile, defaultMode, keyItems } from './volume-projections.ts'

/** Volume sources of Kubernetes itself: files of the node or of the API. */

export const EmptyDirVolumeSource = object(
  coreModel('EmptyDirVolumeSource'),
  'An empty directory that lives as long as the pod.',
  {
    medium: text('Where it is kept: empty for the disk of the node, `Memory`, or `HugePages`.'),
    sizeLimit: quantity('Most bytes that it may hold. Default: no limit.'),
  },
)
export type EmptyDirVolumeSource = Static<typeof EmptyDirVolumeSource>

export const HostPathVolumeSource = object(
  coreModel('HostPathVolumeSource'),
  'A file or directory of the node.',
  {
    path: text('Path on the node; a symbolic link is followed.'),
    type: choice(
      'What is checked or made before the mount. Default: nothing.',
      ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'],
      { default: '' },
    ),
  },
  { required: ['path'] },
)
export type HostPathVolumeSource = Static<typeof HostPathVolumeSource>

export const SecretVolumeSource = object(coreModel('SecretVolumeSource'), 'Entries of a Secret as files.', {
  secretName: text('Name of the Secret, in the namespace of the pod.'),
  items: keyItems,
  defaultMode,
  optional: boolean('Whether the Secret or its entries may be missing.'),
})
export type SecretVolumeSource = Static<typeof SecretVolumeSource>

export const ConfigMapVolumeSource = object(coreModel('ConfigMapVolumeSource'), 'Entries of a ConfigMap as files.', {
  name: text('Name of the ConfigMap, in the namespace of the pod.', { default: '' }),
  items: keyItems,
  defaultMode,
  optional: boolean('Whether the ConfigMap or its entries may be missing.'),
})
export type ConfigMapVolumeSource = Static<typeof ConfigMapVolumeSource>

export const DownwardAPIVolumeSource = object(coreModel('DownwardAPIVolumeSource'), 'Fields of the pod as files.', {
  items: list(DownwardAPIVolumeFile, 'The files.', { type: 'atomic' }),
  defaultMode,
})
export type DownwardAPIVolumeSource = Static<typeof DownwardAPIVolumeSource>

export const PersistentVolumeClaimVolumeSource = object(
  coreModel('PersistentVolumeClaimVolumeSource'),
  'The volume that a claim is bound to.',
  {
    claimName: text('Name of the PersistentVolumeClaim, in the namespace of the pod.'),
    readOnly: boolean('Whether all mounts are read-only. Default: false.'),
  },
  { required: ['claimName'] },
)

export const ImageVolumeSource = object(coreModel('ImageVolumeSource'), 'The files of an image, read-only.', {
  reference: text('Name of the image.'),
  pullPolicy: choice(
    'When the image is fetched. Default: Always for the tag `latest`, otherwise IfNotPresent.',
    ['Always', 'IfNotPresent', 'Never'],
    { default: ({ reference }) => pullPolicyFor(reference) },
  ),
})

export const CSIVolumeSource = object(
  coreModel('CSIVolumeSource'),
  'A volume that a CSI driver makes for the pod.',
  {
    driver: text('Name of the driver.'),
    readOnly: boolean('Whether the volume is read-only. Default: false.'),
    fsType: text('File system. Default: the choice of the driver.'),
    volumeAttributes: map(text('Value.'), 'Properties for the driver.'),
    nodePublishSecretRef: field(LocalObjectReference, 'Secret that the driver gets.'),
  },
  { required: ['driver'] },
)
