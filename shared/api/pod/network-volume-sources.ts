import { boolean, field, int32, list, map, object, text } from '../schema.ts'
import { coreModel } from './core-model.ts'
import { LocalObjectReference } from './references.ts'

/** Volume sources on file servers and in storage networks. A process runtime cannot mount them; the API keeps them. */

const readOnly = boolean('Whether the volume is read-only. Default: false.')
const fsType = text('File system of the volume.')

export const NFSVolumeSource = object(
  coreModel('NFSVolumeSource'),
  'A directory of an NFS server.',
  { server: text('Host name or address of the server.'), path: text('Exported path.'), readOnly },
  { required: ['server', 'path'] },
)

export const ISCSIVolumeSource = object(
  coreModel('ISCSIVolumeSource'),
  'A disk of an iSCSI target.',
  {
    targetPortal: text('Address, with port unless it is the usual one, of the target.'),
    iqn: text('Qualified name of the target.'),
    lun: int32('Logical unit number.'),
    iscsiInterface: text('Interface that carries the traffic.', { default: 'default' }),
    fsType,
    readOnly,
    portals: list(text('Address with port.'), 'Further portals of the target.', { type: 'atomic' }),
    chapAuthDiscovery: boolean('Whether discovery authenticates with CHAP.'),
    chapAuthSession: boolean('Whether sessions authenticate with CHAP.'),
    secretRef: field(LocalObjectReference, 'Secret with the CHAP credentials.'),
    initiatorName: text('Own name of the initiator. Default: the one of the node.'),
  },
  { required: ['targetPortal', 'iqn', 'lun'] },
)

export const FCVolumeSource = object(coreModel('FCVolumeSource'), 'A disk of a Fibre Channel network.', {
  targetWWNs: list(text('World wide name.'), 'World wide names of the target.', { type: 'atomic' }),
  lun: int32('Logical unit number.'),
  fsType,
  readOnly,
  wwids: list(text('Identifier.'), 'World wide identifiers of the volume, instead of target and unit.', {
    type: 'atomic',
  }),
})

export const GlusterfsVolumeSource = object(
  coreModel('GlusterfsVolumeSource'),
  'A Glusterfs volume.',
  {
    endpoints: text('Name of the Endpoints that list the servers.'),
    path: text('Name of the volume.'),
    readOnly,
  },
  { required: ['endpoints', 'path'] },
)

export const CephFSVolumeSource = object(
  coreModel('CephFSVolumeSource'),
  'A CephFS file system.',
  {
    monitors: list(text('Address.'), 'Addresses of the monitors.', { type: 'atomic' }),
    path: text('Path in the file system. Default: /.'),
    user: text('Ceph user. Default: admin.'),
    secretFile: text('File on the node with the key. Default: /etc/ceph/user.secret.'),
    secretRef: field(LocalObjectReference, 'Secret with the key; wins over the file.'),
    readOnly,
  },
  { required: ['monitors'] },
)

export const RBDVolumeSource = object(
  coreModel('RBDVolumeSource'),
  'A Ceph block device.',
  {
    monitors: list(text('Address.'), 'Addresses of the monitors.', { type: 'atomic' }),
    image: text('Name of the image.'),
    fsType,
    pool: text('Pool that holds the image.', { default: 'rbd' }),
    user: text('Ceph user.', { default: 'admin' }),
    keyring: text('File on the node with the keys.', { default: '/etc/ceph/keyring' }),
    secretRef: field(LocalObjectReference, 'Secret with the key; wins over the file.'),
    readOnly,
  },
  { required: ['monitors', 'image'] },
)

export const FlexVolumeSource = object(
  coreModel('FlexVolumeSource'),
  'A volume of a driver that is a program on the node.',
  {
    driver: text('Name of the driver.'),
    fsType,
    secretRef: field(LocalObjectReference, 'Secret that the driver gets.'),
    readOnly,
    options: map(text('Value.'), 'Options for the driver.'),
  },
  { required: ['driver'] },
)

export const FlockerVolumeSource = object(coreModel('FlockerVolumeSource'), 'A Flocker dataset.', {
  datasetName: text('Name of the dataset.'),
  datasetUUID: text('UUID of the dataset.'),
})

export const GitRepoVolumeSource = object(
  coreModel('GitRepoVolumeSource'),
  'A clone of a git repository.',
  {
    repository: text('URL of the repository.'),
    revision: text('Commit to check out.'),
    directory: text('Directory for the clone; `.` for the volume itself. Default: the name of the repository.'),
  },
  { required: ['repository'] },
)

export const QuobyteVolumeSource = object(
  coreModel('QuobyteVolumeSource'),
  'A Quobyte volume.',
  {
    registry: text('Addresses of the registries, with commas between them.'),
    volume: text('Name of the volume.'),
    readOnly,
    user: text('User of the mount. Default: the owner of the service account.'),
    group: text('Group of the mount. Default: none.'),
    tenant: text('Tenant that the volume belongs to.'),
  },
  { required: ['registry', 'volume'] },
)
