import { boolean, field, object, type Static, text } from '../schema.ts'
import { coreModel } from './core-model.ts'
import {
  ConfigMapKeySelector,
  FileKeySelector,
  ObjectFieldSelector,
  ResourceFieldSelector,
  SecretKeySelector,
} from './references.ts'

export const EnvVarSource = object(coreModel('EnvVarSource'), 'Where the value of a variable comes from: one source.', {
  fieldRef: field(ObjectFieldSelector, 'A field of the pod.'),
  resourceFieldRef: field(ResourceFieldSelector, 'A resource request or limit of the container.'),
  configMapKeyRef: field(ConfigMapKeySelector, 'An entry of a ConfigMap.'),
  secretKeyRef: field(SecretKeySelector, 'An entry of a Secret.'),
  fileKeyRef: field(FileKeySelector, 'A variable of an environment file in a volume.'),
})
export type EnvVarSource = Static<typeof EnvVarSource>

export const EnvVar = object(
  coreModel('EnvVar'),
  'An environment variable of a container.',
  {
    name: text('Name of the variable: printable ASCII without `=`.'),
    value: text(
      'Value, in which `$(NAME)` stands for a variable defined before; `$$` is a single `$`. Default: empty, or what `valueFrom` gives.',
    ),
    valueFrom: field(EnvVarSource, 'Source of the value, instead of `value`.'),
  },
  { required: ['name'] },
)
export type EnvVar = Static<typeof EnvVar>

export const ConfigMapEnvSource = object(
  coreModel('ConfigMapEnvSource'),
  'A ConfigMap whose entries become variables.',
  {
    name: text('Name of the ConfigMap.', { default: '' }),
    optional: boolean('Whether the ConfigMap may be missing.'),
  },
)

export const SecretEnvSource = object(coreModel('SecretEnvSource'), 'A Secret whose entries become variables.', {
  name: text('Name of the Secret.', { default: '' }),
  optional: boolean('Whether the Secret may be missing.'),
})

export const EnvFromSource = object(
  coreModel('EnvFromSource'),
  'A ConfigMap or a Secret, all of whose entries become variables.',
  {
    prefix: text('Put before each key to make the name of the variable.'),
    configMapRef: field(ConfigMapEnvSource, 'The ConfigMap.'),
    secretRef: field(SecretEnvSource, 'The Secret.'),
  },
)
export type EnvFromSource = Static<typeof EnvFromSource>
