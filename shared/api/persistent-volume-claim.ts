import { typeMeta } from './meta.ts'
import { PersistentVolumeClaimSpec } from './pod/claim-template.ts'
import { coreModel } from './pod/core-model.ts'
import { resourceList } from './pod/resources.ts'
import { field, list, map, object, text, time } from './schema.ts'
import { conditionFields, conditionList } from './workload/conditions.ts'

const PersistentVolumeClaimCondition = object(
  coreModel('PersistentVolumeClaimCondition'),
  'One aspect of a claim’s current state.',
  {
    ...conditionFields('Resizing, FileSystemResizePending and others'),
    lastProbeTime: time('When the condition was last checked.'),
  },
  { required: ['type', 'status'] },
)

const ModifyVolumeStatus = object(
  coreModel('ModifyVolumeStatus'),
  'How a change of the volume’s class of properties goes.',
  {
    targetVolumeAttributesClassName: text('The class that it is to get.'),
    status: text('Pending, InProgress or Infeasible.'),
  },
  { required: ['status'] },
)

const PersistentVolumeClaimStatus = object(coreModel('PersistentVolumeClaimStatus'), 'What a claim has got.', {
  phase: text('Pending, Bound or Lost.', { default: 'Pending' }),
  accessModes: list(text('Access mode.'), 'How the volume can be mounted.', { type: 'atomic' }),
  capacity: resourceList('Amounts that the volume has.'),
  conditions: conditionList(PersistentVolumeClaimCondition, 'How a change of the size goes.'),
  allocatedResources: resourceList('Amounts that have been set aside, which may be more than there are yet.'),
  allocatedResourceStatuses: map(text('State of the change.'), 'How the change of each resource goes.'),
  currentVolumeAttributesClassName: text('Class of properties that the volume has.'),
  modifyVolumeStatus: field(ModifyVolumeStatus, 'How a change of that class goes.'),
})

/** A claim as a StatefulSet holds it for each of its pods. */
export const PersistentVolumeClaim = object(
  coreModel('PersistentVolumeClaim'),
  'A claim for storage.',
  {
    ...typeMeta,
    apiVersion: text('API group and version of this representation.', { default: 'v1' }),
    kind: text('Kind of the object.', { default: 'PersistentVolumeClaim' }),
    spec: field(PersistentVolumeClaimSpec, 'What it asks for.', { default: {} }),
    status: field(PersistentVolumeClaimStatus, 'What it has got.', { default: {} }),
  },
  { required: ['metadata', 'spec'] },
)
