import { coreModel } from '../pod/core-model.ts'
import { resourceList } from '../pod/resources.ts'
import { boolean, field, int32, int64, list, object, type Static, text, time } from '../schema.ts'
import { NodeConfigSource } from './node-spec.ts'

const NodeCondition = object(
  coreModel('NodeCondition'),
  'One aspect of a node’s current state.',
  {
    type: text('Name of the aspect: Ready, MemoryPressure, DiskPressure, PIDPressure, NetworkUnavailable.'),
    status: text('True, False or Unknown.'),
    lastHeartbeatTime: time('When the kubelet last confirmed it.'),
    lastTransitionTime: time('When `status` last changed.'),
    reason: text('Why, in one CamelCase word.'),
    message: text('Why, for people.'),
  },
  { required: ['type', 'status'] },
)
export type NodeCondition = Static<typeof NodeCondition>

const NodeAddress = object(
  coreModel('NodeAddress'),
  'An address of a node.',
  {
    type: text('InternalIP, ExternalIP, Hostname, InternalDNS or ExternalDNS.'),
    address: text('The address.'),
  },
  { required: ['type', 'address'] },
)
export type NodeAddress = Static<typeof NodeAddress>

const DaemonEndpoint = object(
  coreModel('DaemonEndpoint'),
  'A port of one daemon.',
  { Port: int32('Port number.') },
  { required: ['Port'] },
)

const NodeDaemonEndpoints = object(coreModel('NodeDaemonEndpoints'), 'Ports of the node’s daemons.', {
  kubeletEndpoint: field(DaemonEndpoint, 'Where the kubelet serves logs, exec and port-forward.'),
})

const NodeSwapStatus = object(coreModel('NodeSwapStatus'), 'Swap space of a node.', {
  capacity: int64('Size in bytes.'),
})

const NodeSystemInfo = object(
  coreModel('NodeSystemInfo'),
  'What a node runs on.',
  {
    machineID: text('Identity of the installed system (`/etc/machine-id`).'),
    systemUUID: text('Identity of the hardware.'),
    bootID: text('Identity of this run of the system.'),
    kernelVersion: text('Version of the kernel, as `uname -r` prints it.'),
    osImage: text('Name and version of the operating system.'),
    containerRuntimeVersion: text('Name and version of the runtime, such as `process://0.1.0`.'),
    kubeletVersion: text('Version of the kubelet.'),
    kubeProxyVersion: text('No longer filled in.'),
    operatingSystem: text('Kind of operating system, such as `linux`.'),
    architecture: text('Architecture of the processors, such as `amd64`.'),
    swap: field(NodeSwapStatus, 'Swap space.'),
  },
  {
    required: [
      'machineID',
      'systemUUID',
      'bootID',
      'kernelVersion',
      'osImage',
      'containerRuntimeVersion',
      'kubeletVersion',
      'kubeProxyVersion',
      'operatingSystem',
      'architecture',
    ],
  },
)
export type NodeSystemInfo = Static<typeof NodeSystemInfo>

const ContainerImage = object(coreModel('ContainerImage'), 'An image that a node has.', {
  names: list(text('Name of the image.'), 'All names of the image.', { type: 'atomic' }),
  sizeBytes: int64('Size in bytes.'),
})

const AttachedVolume = object(
  coreModel('AttachedVolume'),
  'A volume attached to a node.',
  {
    name: text('Name of the volume.'),
    devicePath: text('Where the node finds the volume.'),
  },
  { required: ['name', 'devicePath'] },
)

const NodeConfigStatus = object(
  coreModel('NodeConfigStatus'),
  'Which configuration a kubelet uses. No longer supported.',
  {
    assigned: field(NodeConfigSource, 'What it should use.'),
    active: field(NodeConfigSource, 'What it uses.'),
    lastKnownGood: field(NodeConfigSource, 'What it falls back to.'),
    error: text('Why it does not use what it should.'),
  },
)

const NodeRuntimeHandlerFeatures = object(coreModel('NodeRuntimeHandlerFeatures'), 'What a runtime handler can do.', {
  recursiveReadOnlyMounts: boolean('Whether read-only mounts can be so recursively.'),
  userNamespaces: boolean('Whether it supports user namespaces, for volumes as well.'),
})

const NodeRuntimeHandler = object(coreModel('NodeRuntimeHandler'), 'A runtime that pods may ask for.', {
  name: text('Name of the handler; empty for the default one.'),
  features: field(NodeRuntimeHandlerFeatures, 'What it can do.'),
})

const NodeFeatures = object(coreModel('NodeFeatures'), 'What a node’s runtime can do, whatever the handler.', {
  supplementalGroupsPolicy: boolean('Whether it supports `supplementalGroupsPolicy` and reports users.'),
})

export const NodeStatus = object(coreModel('NodeStatus'), 'What a node is, as its kubelet reports it.', {
  capacity: resourceList('Everything that the node has.'),
  allocatable: resourceList('What pods may use of it. Default: all.'),
  phase: text('No longer used.'),
  conditions: list(NodeCondition, 'Aspects of the node’s current state.', {
    type: 'map',
    keys: ['type'],
    patch: 'merge',
    mergeKey: 'type',
  }),
  addresses: list(NodeAddress, 'Addresses of the node.', {
    type: 'map',
    keys: ['type'],
    patch: 'merge',
    mergeKey: 'type',
  }),
  daemonEndpoints: field(NodeDaemonEndpoints, 'Ports of the node’s daemons.', { default: {} }),
  nodeInfo: field(NodeSystemInfo, 'What the node runs on.'),
  images: list(ContainerImage, 'Images that the node has.', { type: 'atomic' }),
  volumesInUse: list(text('Name of a volume.'), 'Attachable volumes that pods use.', { type: 'atomic' }),
  volumesAttached: list(AttachedVolume, 'Volumes that are attached.', { type: 'atomic' }),
  config: field(NodeConfigStatus, 'No longer supported.'),
  runtimeHandlers: list(NodeRuntimeHandler, 'Runtimes that pods may ask for.', { type: 'atomic' }),
  features: field(NodeFeatures, 'What the runtime can do.'),
  declaredFeatures: list(text('Name of a feature.'), 'Optional features that the kubelet declares.', {
    type: 'atomic',
  }),
})
export type NodeStatus = Static<typeof NodeStatus>
