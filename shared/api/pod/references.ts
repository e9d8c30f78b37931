import { boolean, object, quantity, type Static, text } from '../schema.ts'
import { coreModel } from './core-model.ts'

export const LocalObjectReference = object(
  coreModel('LocalObjectReference'),
  'Names an object in the same namespace.',
  { name: text('Name of the object.', { default: '' }) },
  { mapType: 'atomic' },
)
export type LocalObjectReference = Static<typeof LocalObjectReference>

export const TypedLocalObjectReference = object(
  coreModel('TypedLocalObjectReference'),
  'Names an object of any kind in the same namespace.',
  {
    apiGroup: text('API group of the object; the core group where it is absent.'),
    kind: text('Kind of the object.'),
    name: text('Name of the object.'),
  },
  { required: ['kind', 'name'], mapType: 'atomic' },
)

export const TypedObjectReference = object(
  coreModel('TypedObjectReference'),
  'Names an object of any kind, in this or another namespace.',
  {
    apiGroup: text('API group of the object; the core group where it is absent.'),
    kind: text('Kind of the object.'),
    name: text('Name of the object.'),
    namespace: text('Namespace of the object. Default: the same one.'),
  },
  { required: ['kind', 'name'] },
)

export const ConfigMapKeySelector = object(
  coreModel('ConfigMapKeySelector'),
  'Picks one entry of a ConfigMap.',
  {
    name: text('Name of the ConfigMap, in the namespace of the pod.', { default: '' }),
    key: text('Key of the entry.'),
    optional: boolean('Whether the ConfigMap or the entry may be missing.'),
  },
  { required: ['key'], mapType: 'atomic' },
)
export type ConfigMapKeySelector = Static<typeof ConfigMapKeySelector>

export const SecretKeySelector = object(
  coreModel('SecretKeySelector'),
  'Picks one entry of a Secret.',
  {
    name: text('Name of the Secret, in the namespace of the pod.', { default: '' }),
    key: text('Key of the entry.'),
    optional: boolean('Whether the Secret or the entry may be missing.'),
  },
  { required: ['key'], mapType: 'atomic' },
)
export type SecretKeySelector = Static<typeof SecretKeySelector>

export const FileKeySelector = object(
  coreModel('FileKeySelector'),
  'Picks one variable of an environment file in a volume.',
  {
    volumeName: text('Name of the volume, an emptyDir, that holds the file.'),
    path: text('Path of the file, relative to the root of the volume.'),
    key: text('Name of the variable in the file.'),
    optional: boolean('Whether the file or the variable may be missing.', { default: false }),
  },
  { required: ['volumeName', 'path', 'key'], mapType: 'atomic' },
)
export type FileKeySelector = Static<typeof FileKeySelector>

export const ObjectFieldSelector = object(
  coreModel('ObjectFieldSelector'),
  'Picks a field of the pod itself.',
  {
    apiVersion: text('API version in which `fieldPath` is written.', { default: 'v1' }),
    fieldPath: text("Path of the field: `metadata.name`, `status.podIP`, `metadata.labels['app']` …"),
  },
  { required: ['apiVersion', 'fieldPath'], mapType: 'atomic' },
)
export type ObjectFieldSelector = Static<typeof ObjectFieldSelector>

export const ResourceFieldSelector = object(
  coreModel('ResourceFieldSelector'),
  'Picks a resource request or limit of a container.',
  {
    containerName: text('Container whose resource it is. Required in volumes; in variables the container itself.'),
    resource: text('The resource: `limits.cpu`, `requests.memory` …'),
    divisor: quantity('Unit in which the amount is given; 0 stands for 1.', { default: '0' }),
  },
  { required: ['resource'], mapType: 'atomic' },
)
export type ResourceFieldSelector = Static<typeof ResourceFieldSelector>
