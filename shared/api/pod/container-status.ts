import { boolean, field, int32, int64, list, object, type Static, text, time } from '../schema.ts'
import { coreModel } from './core-model.ts'
import { ResourceRequirements, resourceList } from './resources.ts'

export const ContainerStateWaiting = object(coreModel('ContainerStateWaiting'), 'The container does not run yet.', {
  reason: text('Why, in one word: ContainerCreating, CrashLoopBackOff, ErrImagePull …'),
  message: text('Why, for people.'),
})

export const ContainerStateRunning = object(coreModel('ContainerStateRunning'), 'The container runs.', {
  startedAt: time('When it started.'),
})

export const ContainerStateTerminated = object(
  coreModel('ContainerStateTerminated'),
  'The container has ended.',
  {
    exitCode: int32('Exit code; 128+n where signal n ended it.'),
    signal: int32('Signal that ended it.'),
    reason: text('Why, in one word: Completed, Error, OOMKilled …'),
    message: text('Its final message.'),
    startedAt: time('When it started.'),
    finishedAt: time('When it ended.'),
    containerID: text('The run that ended, as `TYPE://ID`.'),
  },
  { required: ['exitCode'] },
)
export type ContainerStateTerminated = Static<typeof ContainerStateTerminated>

export const ContainerState = object(coreModel('ContainerState'), 'State of a container: exactly one member.', {
  waiting: field(ContainerStateWaiting, 'The container does not run yet.'),
  running: field(ContainerStateRunning, 'The container runs.'),
  terminated: field(ContainerStateTerminated, 'The container has ended.'),
})
export type ContainerState = Static<typeof ContainerState>

export const ImageVolumeStatus = object(
  coreModel('ImageVolumeStatus'),
  'An image that is mounted.',
  { imageRef: text('Digest of the image.') },
  { required: ['imageRef'] },
)

export const VolumeStatus = object(coreModel('VolumeStatus'), 'State of a mounted volume.', {
  image: field(ImageVolumeStatus, 'The image, for an image volume.'),
})

export const VolumeMountStatus = object(
  coreModel('VolumeMountStatus'),
  'A volume as it is mounted.',
  {
    name: text('Name of the volume.'),
    mountPath: text('Path in the container.'),
    readOnly: boolean('Whether the mount is read-only.'),
    recursiveReadOnly: text('Disabled or Enabled, for read-only mounts.'),
    volumeStatus: field(VolumeStatus, 'What depends on the kind of the volume.'),
  },
  { required: ['name', 'mountPath'] },
)

export const ResourceHealth = object(
  coreModel('ResourceHealth'),
  'Health of one device.',
  {
    resourceID: text('The device, unique in its node.'),
    health: text('Healthy, Unhealthy or Unknown.'),
    message: text('Details, for people.'),
  },
  { required: ['resourceID'] },
)

export const ResourceStatus = object(
  coreModel('ResourceStatus'),
  'Health of the devices of one resource.',
  {
    name: text('Name of the resource, or `claim:CLAIM/REQUEST`.'),
    resources: list(ResourceHealth, 'The devices.', { type: 'map', keys: ['resourceID'] }),
  },
  { required: ['name'] },
)

export const LinuxContainerUser = object(
  coreModel('LinuxContainerUser'),
  'User and groups of a container on Linux.',
  {
    uid: int64('User ID of the main process.'),
    gid: int64('Group ID of the main process.'),
    supplementalGroups: list(int64('Group ID.'), 'Further groups of the main process.', { type: 'atomic' }),
  },
  { required: ['uid', 'gid'] },
)

export const ContainerUser = object(coreModel('ContainerUser'), 'User that a container started as.', {
  linux: field(LinuxContainerUser, 'User and groups on Linux.'),
})

export const ContainerStatus = object(
  coreModel('ContainerStatus'),
  'State of one container, as the kubelet sees it.',
  {
    name: text('Name of the container.'),
    state: field(ContainerState, 'What the container does now.', { default: {} }),
    lastState: field(ContainerState, 'How the run before ended; empty before the first restart.', { default: {} }),
    ready: boolean('Whether its readiness probe, if any, succeeds.'),
    restartCount: int32('How often it was restarted.'),
    image: text('Name of the image that runs.'),
    imageID: text('ID of the image that runs.'),
    containerID: text('The run, as `TYPE://ID`.'),
    started: boolean('Whether it has started: its postStart action and its startup probe, if any, have succeeded.'),
    allocatedResources: resourceList('What the node has set aside for it.'),
    resources: field(ResourceRequirements, 'Requests and limits in force.'),
    volumeMounts: list(VolumeMountStatus, 'Volumes as they are mounted.', {
      type: 'map',
      keys: ['mountPath'],
      patch: 'merge',
      mergeKey: 'mountPath',
    }),
    user: field(ContainerUser, 'User that it started as.'),
    allocatedResourcesStatus: list(ResourceStatus, 'Health of its devices.', {
      type: 'map',
      keys: ['name'],
      patch: 'merge',
      mergeKey: 'name',
    }),
    stopSignal: text('Signal that asks it to end.'),
  },
  { required: ['name', 'state', 'lastState', 'ready', 'restartCount', 'image', 'imageID'] },
)
export type ContainerStatus = Static<typeof ContainerStatus>
