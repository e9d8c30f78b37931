import { boolean, choice, field, int32, object, text } from '../schema.ts'
import { coreModel } from './core-model.ts'
import { LocalObjectReference } from './references.ts'

/** Volume sources of cloud providers and storage products. A process runtime cannot mount them; the API keeps them. */

const readOnly = boolean('Whether the volume is read-only. Default: false.')
const fsType = text('File system of the volume.')
const partition = int32('Partition of the disk; 0 for the whole disk.')

export const AWSElasticBlockStoreVolumeSource = object(
  coreModel('AWSElasticBlockStoreVolumeSource'),
  'A disk of AWS.',
  { volumeID: text('ID of the disk.'), fsType, partition, readOnly },
  { required: ['volumeID'] },
)

export const GCEPersistentDiskVolumeSource = object(
  coreModel('GCEPersistentDiskVolumeSource'),
  'A disk of Google Compute Engine.',
  { pdName: text('Name of the disk.'), fsType, partition, readOnly },
  { required: ['pdName'] },
)

export const AzureDiskVolumeSource = object(
  coreModel('AzureDiskVolumeSource'),
  'A disk of Azure.',
  {
    diskName: text('Name of the disk.'),
    diskURI: text('URI of the disk.'),
    cachingMode: choice('How the host caches.', ['None', 'ReadOnly', 'ReadWrite'], { default: 'ReadWrite' }),
    fsType: text('File system of the disk.', { default: 'ext4' }),
    readOnly: boolean('Whether the volume is read-only.', { default: false }),
    kind: choice('Kind of the disk.', ['Dedicated', 'Managed', 'Shared'], { default: 'Shared' }),
  },
  { required: ['diskName', 'diskURI'] },
)

export const AzureFileVolumeSource = object(
  coreModel('AzureFileVolumeSource'),
  'A file share of Azure.',
  { secretName: text('Secret with the account.'), shareName: text('Name of the share.'), readOnly },
  { required: ['secretName', 'shareName'] },
)

export const CinderVolumeSource = object(
  coreModel('CinderVolumeSource'),
  'A disk of OpenStack.',
  {
    volumeID: text('ID of the disk.'),
    fsType,
    readOnly,
    secretRef: field(LocalObjectReference, 'Secret with the credentials.'),
  },
  { required: ['volumeID'] },
)

export const VsphereVirtualDiskVolumeSource = object(
  coreModel('VsphereVirtualDiskVolumeSource'),
  'A disk of vSphere.',
  {
    volumePath: text('Path of the disk.'),
    fsType,
    storagePolicyName: text('Name of the storage policy.'),
    storagePolicyID: text('ID of the storage policy.'),
  },
  { required: ['volumePath'] },
)

export const PhotonPersistentDiskVolumeSource = object(
  coreModel('PhotonPersistentDiskVolumeSource'),
  'A disk of Photon Controller.',
  { pdID: text('ID of the disk.'), fsType },
  { required: ['pdID'] },
)

export const PortworxVolumeSource = object(
  coreModel('PortworxVolumeSource'),
  'A Portworx volume.',
  { volumeID: text('ID of the volume.'), fsType, readOnly },
  { required: ['volumeID'] },
)

export const ScaleIOVolumeSource = object(
  coreModel('ScaleIOVolumeSource'),
  'A ScaleIO volume.',
  {
    gateway: text('Address of the API gateway.'),
    system: text('Name of the storage system.'),
    secretRef: field(LocalObjectReference, 'Secret with the credentials.'),
    sslEnabled: boolean('Whether the gateway is reached by TLS. Default: false.'),
    protectionDomain: text('Protection domain.'),
    storagePool: text('Storage pool of the protection domain.'),
    storageMode: text('ThickProvisioned or ThinProvisioned.', { default: 'ThinProvisioned' }),
    volumeName: text('Name of the volume.'),
    fsType: text('File system of the volume.', { default: 'xfs' }),
    readOnly,
  },
  { required: ['gateway', 'system', 'secretRef'] },
)

export const StorageOSVolumeSource = object(coreModel('StorageOSVolumeSource'), 'A StorageOS volume.', {
  volumeName: text('Name of the volume, unique in its namespace.'),
  volumeNamespace: text('Namespace of the volume. Default: the one of the pod.'),
  fsType,
  readOnly,
  secretRef: field(LocalObjectReference, 'Secret with the credentials.'),
})
