import { field, object, type Static, text } from '../schema.ts'
import { EphemeralVolumeSource } from './claim-template.ts'
import {
  AWSElasticBlockStoreVolumeSource,
  AzureDiskVolumeSource,
  AzureFileVolumeSource,
  CinderVolumeSource,
  GCEPersistentDiskVolumeSource,
  PhotonPersistentDiskVolumeSource,
  PortworxVolumeSource,
  ScaleIOVolumeSource,
  StorageOSVolumeSource,
  VsphereVirtualDiskVolumeSource,
} from './cloud-volume-sources.ts'
import { coreModel } from './core-model.ts'
import {
  CephFSVolumeSource,
  FCVolumeSource,
  FlexVolumeSource,
  FlockerVolumeSource,
  GitRepoVolumeSource,
  GlusterfsVolumeSource,
  ISCSIVolumeSource,
  NFSVolumeSource,
  QuobyteVolumeSource,
  RBDVolumeSource,
} from './network-volume-sources.ts'
import { ProjectedVolumeSource } from './volume-projections.ts'
import {
  ConfigMapVolumeSource,
  CSIVolumeSource,
  DownwardAPIVolumeSource,
  EmptyDirVolumeSource,
  HostPathVolumeSource,
  ImageVolumeSource,
  PersistentVolumeClaimVolumeSource,
  SecretVolumeSource,
} from './volume-sources.ts'

/** A volume without any source is an empty directory. */
const emptyDirWithoutSource = (volume: Readonly<Record<string, unknown>>) =>
  Object.keys(volume).every((key) => key === 'name' || volume[key] == null) ? {} : undefined

export const Volume = object(
  coreModel('Volume'),
  'Storage that the containers of a pod can mount: a name and exactly one source.',
  {
    name: text('Name, a DNS label, unique in the pod.'),
    awsElasticBlockStore: field(AWSElasticBlockStoreVolumeSource, 'A disk of AWS.'),
    azureDisk: field(AzureDiskVolumeSource, 'A disk of Azure.'),
    azureFile: field(AzureFileVolumeSource, 'A file share of Azure.'),
    cephfs: field(CephFSVolumeSource, 'A CephFS file system.'),
    cinder: field(CinderVolumeSource, 'A disk of OpenStack.'),
    configMap: field(ConfigMapVolumeSource, 'Entries of a ConfigMap.'),
    csi: field(CSIVolumeSource, 'A volume of a CSI driver.'),
    downwardAPI: field(DownwardAPIVolumeSource, 'Fields of the pod.'),
    emptyDir: field(EmptyDirVolumeSource, 'An empty directory. Default where there is no source.', {
      default: emptyDirWithoutSource,
    }),
    ephemeral: field(EphemeralVolumeSource, 'A volume by a claim made for the pod.'),
    fc: field(FCVolumeSource, 'A disk of a Fibre Channel network.'),
    flexVolume: field(FlexVolumeSource, 'A volume of a driver that is a program on the node.'),
    flocker: field(FlockerVolumeSource, 'A Flocker dataset.'),
    gcePersistentDisk: field(GCEPersistentDiskVolumeSource, 'A disk of Google Compute Engine.'),
    gitRepo: field(GitRepoVolumeSource, 'A clone of a git repository.'),
    glusterfs: field(GlusterfsVolumeSource, 'A Glusterfs volume.'),
    hostPath: field(HostPathVolumeSource, 'A file or directory of the node.'),
    image: field(ImageVolumeSource, 'The files of an image.'),
    iscsi: field(ISCSIVolumeSource, 'A disk of an iSCSI target.'),
    nfs: field(NFSVolumeSource, 'A directory of an NFS server.'),
    persistentVolumeClaim: field(PersistentVolumeClaimVolumeSource, 'The volume that a claim is bound to.'),
    photonPersistentDisk: field(PhotonPersistentDiskVolumeSource, 'A disk of Photon Controller.'),
    portworxVolume: field(PortworxVolumeSource, 'A Portworx volume.'),
    projected: field(ProjectedVolumeSource, 'Several sources in one directory.'),
    quobyte: field(QuobyteVolumeSource, 'A Quobyte volume.'),
    rbd: field(RBDVolumeSource, 'A Ceph block device.'),
    scaleIO: field(ScaleIOVolumeSource, 'A ScaleIO volume.'),
    secret: field(SecretVolumeSource, 'Entries of a Secret.'),
    storageos: field(StorageOSVolumeSource, 'A StorageOS volume.'),
    vsphereVolume: field(VsphereVirtualDiskVolumeSource, 'A disk of vSphere.'),
  },
  { required: ['name'] },
)
export type Volume = Static<typeof Volume>
