import { LabelSelector, TemplateMeta } from '../meta.ts'
import { choice, field, list, object, type Static, text } from '../schema.ts'
import { coreModel } from './core-model.ts'
import { TypedLocalObjectReference, TypedObjectReference } from './references.ts'
import { resourceList } from './resources.ts'

export const VolumeResourceRequirements = object(
  coreModel('VolumeResourceRequirements'),
  'How much storage a claim needs and may have.',
  {
    requests: resourceList('Least amounts; `storage` is required.'),
    limits: resourceList('Largest amounts.'),
  },
)

export const PersistentVolumeClaimSpec = object(
  coreModel('PersistentVolumeClaimSpec'),
  'What a claim for storage asks for.',
  {
    accessModes: list(
      text('ReadWriteOnce, ReadOnlyMany, ReadWriteMany or ReadWriteOncePod.'),
      'How the volume is to be mounted.',
      { type: 'atomic' },
    ),
    selector: field(LabelSelector, 'Which volumes come into question.'),
    resources: field(VolumeResourceRequirements, 'How much storage.', { default: {} }),
    volumeName: text('Name of the volume that the claim is bound to.'),
    storageClassName: text('Storage class. Default: the default class; empty for none.'),
    volumeMode: choice('Whether the volume is a file system or a device.', ['Block', 'Filesystem'], {
      default: 'Filesystem',
    }),
    dataSource: field(TypedLocalObjectReference, 'Snapshot or claim whose content the volume starts with.'),
    dataSourceRef: field(TypedObjectReference, 'Object of any kind whose content the volume starts with.'),
    volumeAttributesClassName: text('Class of the changeable properties of the volume.'),
  },
)
export type PersistentVolumeClaimSpec = Static<typeof PersistentVolumeClaimSpec>

export const PersistentVolumeClaimTemplate = object(
  coreModel('PersistentVolumeClaimTemplate'),
  'The claim that is made for a pod.',
  {
    metadata: field(TemplateMeta, 'Labels and annotations of the claim.', { default: {} }),
    spec: field(PersistentVolumeClaimSpec, 'Specification of the claim.'),
  },
  { required: ['spec'] },
)

export const EphemeralVolumeSource = object(
  coreModel('EphemeralVolumeSource'),
  'A volume by a claim that is made for the pod and removed with it.',
  { volumeClaimTemplate: field(PersistentVolumeClaimTemplate, 'The claim; named POD-VOLUME.') },
)
export type EphemeralVolumeSource = Static<typeof EphemeralVolumeSource>
