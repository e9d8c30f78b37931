import { LabelSelector } from '../meta.ts'
import { boolean, field, int32, int64, list, map, object, type Static, text } from '../schema.ts'
import { coreModel } from './core-model.ts'
import { ObjectFieldSelector, ResourceFieldSelector } from './references.ts'

/** Mode of projected files where none is given: 0644. */
export const FILE_MODE_DEFAULT = 0o644

const TOKEN_SECONDS_DEFAULT = 3600

export const defaultMode = int32('Mode of files without one of their own, 0 to 0777.', { default: FILE_MODE_DEFAULT })

export const KeyToPath = object(
  coreModel('KeyToPath'),
  'Gives an entry its own path.',
  {
    key: text('Key of the entry.'),
    path: text('Path of the file below the volume; without `..`.'),
    mode: int32('Mode of the file, 0 to 0777. Default: the one of the volume.'),
  },
  { required: ['key', 'path'] },
)
export type KeyToPath = Static<typeof KeyToPath>

/** The entries of a ConfigMap or Secret that become files. */
export const keyItems = list(KeyToPath, 'Entries that become files. Default: all, each named as its key.', {
  type: 'atomic',
})

export const DownwardAPIVolumeFile = object(
  coreModel('DownwardAPIVolumeFile'),
  'A file with a field or a resource of the pod.',
  {
    path: text('Path of the file below the volume; without `..`.'),
    fieldRef: field(ObjectFieldSelector, 'Field of the pod: name, namespace, uid, labels or annotations.'),
    resourceFieldRef: field(ResourceFieldSelector, 'Resource request or limit of a container.'),
    mode: int32('Mode of the file, 0 to 0777. Default: the one of the volume.'),
  },
  { required: ['path'] },
)
export type DownwardAPIVolumeFile = Static<typeof DownwardAPIVolumeFile>

export const SecretProjection = object(coreModel('SecretProjection'), 'Entries of a Secret as files.', {
  name: text('Name of the Secret.', { default: '' }),
  items: keyItems,
  optional: boolean('Whether the Secret or its entries may be missing.'),
})

export const ConfigMapProjection = object(coreModel('ConfigMapProjection'), 'Entries of a ConfigMap as files.', {
  name: text('Name of the ConfigMap.', { default: '' }),
  items: keyItems,
  optional: boolean('Whether the ConfigMap or its entries may be missing.'),
})

export const DownwardAPIProjection = object(coreModel('DownwardAPIProjection'), 'Fields of the pod as files.', {
  items: list(DownwardAPIVolumeFile, 'The files.', { type: 'atomic' }),
})

export const ServiceAccountTokenProjection = object(
  coreModel('ServiceAccountTokenProjection'),
  'A token of the service account of the pod as a file, renewed before it expires.',
  {
    audience: text('Audience of the token. Default: the API server.'),
    expirationSeconds: int64('Lifetime of the token; at least 600.', { default: TOKEN_SECONDS_DEFAULT }),
    path: text('Path of the file below the volume.'),
  },
  { required: ['path'] },
)

export const ClusterTrustBundleProjection = object(
  coreModel('ClusterTrustBundleProjection'),
  'Trust anchors of the cluster as one PEM file.',
  {
    name: text('Name of one ClusterTrustBundle; not together with `signerName`.'),
    signerName: text('Signer all of whose bundles count.'),
    labelSelector: field(LabelSelector, 'Which bundles of the signer. Default: none; an empty selector means all.'),
    optional: boolean('Whether the bundles may be missing.'),
    path: text('Path of the file below the volume.'),
  },
  { required: ['path'] },
)

export const PodCertificateProjection = object(
  coreModel('PodCertificateProjection'),
  'A key made for the pod, and a certificate for it, as files.',
  {
    signerName: text('Signer that issues the certificate.'),
    keyType: text('Kind of the key: RSA3072, RSA4096, ECDSAP256, ECDSAP384, ECDSAP521 or ED25519.'),
    maxExpirationSeconds: int32('Longest lifetime of the certificate. Default: 86400.'),
    credentialBundlePath: text('Path of the file with key and certificates together.'),
    keyPath: text('Path of the file with the key alone.'),
    certificateChainPath: text('Path of the file with the certificates alone.'),
    userAnnotations: map(text('Value.'), 'Further information for the signer.'),
  },
  { required: ['signerName', 'keyType'] },
)

export const VolumeProjection = object(coreModel('VolumeProjection'), 'One source of a projected volume.', {
  secret: field(SecretProjection, 'Entries of a Secret.'),
  downwardAPI: field(DownwardAPIProjection, 'Fields of the pod.'),
  configMap: field(ConfigMapProjection, 'Entries of a ConfigMap.'),
  serviceAccountToken: field(ServiceAccountTokenProjection, 'A token of the service account.'),
  clusterTrustBundle: field(ClusterTrustBundleProjection, 'Trust anchors of the cluster.'),
  podCertificate: field(PodCertificateProjection, 'A key and a certificate for the pod.'),
})
export type VolumeProjection = Static<typeof VolumeProjection>

export const ProjectedVolumeSource = object(coreModel('ProjectedVolumeSource'), 'Several sources in one directory.', {
  sources: list(VolumeProjection, 'The sources; each has exactly one kind.', { type: 'atomic' }),
  defaultMode,
})
export type ProjectedVolumeSource = Static<typeof ProjectedVolumeSource>
