import { choice, field, int64, list, object, type Static, text, time } from '../schema.ts'
import { ContainerStatus } from './container-status.ts'
import { coreModel } from './core-model.ts'
import { ResourceRequirements, resourceList } from './resources.ts'

export const PodCondition = object(
  coreModel('PodCondition'),
  'One aspect of the state of a pod.',
  {
    type: text('Name of the aspect: PodScheduled, Initialized, ContainersReady, Ready …'),
    status: choice('Whether it holds.', ['False', 'True', 'Unknown']),
    observedGeneration: int64('The `metadata.generation` that the condition was computed from.'),
    lastProbeTime: time('When it was last checked.'),
    lastTransitionTime: time('When `status` last changed.'),
    reason: text('Why, in one CamelCase word.'),
    message: text('Why, for people.'),
  },
  { required: ['type', 'status'] },
)
export type PodCondition = Static<typeof PodCondition>

export const PodIP = object(
  coreModel('PodIP'),
  'An address of the pod.',
  { ip: text('The address.') },
  {
    required: ['ip'],
  },
)

export const HostIP = object(
  coreModel('HostIP'),
  'An address of the node.',
  { ip: text('The address.') },
  {
    required: ['ip'],
  },
)

export const PodResourceClaimStatus = object(
  coreModel('PodResourceClaimStatus'),
  'The claim that was made for an entry of `spec.resourceClaims`.',
  {
    name: text('Name of the entry.'),
    resourceClaimName: text('Name of the ResourceClaim; absent where none was needed.'),
  },
  { required: ['name'] },
)

export const ContainerExtendedResourceRequest = object(
  coreModel('ContainerExtendedResourceRequest'),
  'The request of a claim that stands for an extended resource of a container.',
  {
    containerName: text('Name of the container.'),
    resourceName: text('Name of the extended resource.'),
    requestName: text('Name of the request in the claim.'),
  },
  { required: ['containerName', 'resourceName', 'requestName'] },
)

export const PodExtendedResourceClaimStatus = object(
  coreModel('PodExtendedResourceClaimStatus'),
  'The claim that was made for the extended resources of the pod.',
  {
    requestMappings: list(ContainerExtendedResourceRequest, 'Which request stands for which resource.', {
      type: 'atomic',
    }),
    resourceClaimName: text('Name of the ResourceClaim.'),
  },
  { required: ['requestMappings', 'resourceClaimName'] },
)

export const NodeAllocatableResourceClaimStatus = object(
  coreModel('NodeAllocatableResourceClaimStatus'),
  'What a claim of the pod takes of the resources of the node itself.',
  {
    resourceClaimName: text('Name of the ResourceClaim.'),
    containers: list(text('Name of a container.'), 'Containers that use the claim.', { type: 'set' }),
    resources: resourceList('Amounts taken.'),
  },
  { required: ['resourceClaimName'] },
)

export const PodStatus = object(coreModel('PodStatus'), 'State of a pod, as its kubelet last reported it.', {
  observedGeneration: int64('The `metadata.generation` that the kubelet has seen.'),
  phase: choice('Where the pod is in its life.', ['Failed', 'Pending', 'Running', 'Succeeded', 'Unknown']),
  conditions: list(PodCondition, 'Aspects of the state.', {
    type: 'map',
    keys: ['type'],
    patch: 'merge',
    mergeKey: 'type',
  }),
  message: text('Why the pod is in its phase, for people.'),
  reason: text('Why the pod is in its phase, in one word: Evicted, NodeLost, DeadlineExceeded …'),
  nominatedNodeName: text('Node on which room is being made for the pod.'),
  hostIP: text('Address of the node.'),
  hostIPs: list(HostIP, 'Addresses of the node; the first is `hostIP`.', {
    type: 'atomic',
    patch: 'merge',
    mergeKey: 'ip',
  }),
  podIP: text('Address of the pod.'),
  podIPs: list(PodIP, 'Addresses of the pod, at most one of each IP family; the first is `podIP`.', {
    type: 'map',
    keys: ['ip'],
    patch: 'merge',
    mergeKey: 'ip',
  }),
  startTime: time('When the kubelet took the pod on.'),
  initContainerStatuses: list(ContainerStatus, 'State of the init containers, in the order of the spec.', {
    type: 'atomic',
  }),
  containerStatuses: list(ContainerStatus, 'State of the containers.', { type: 'atomic' }),
  ephemeralContainerStatuses: list(ContainerStatus, 'State of the ephemeral containers.', { type: 'atomic' }),
  qosClass: choice('How the pod is treated when the node runs short; follows from requests and limits.', [
    'BestEffort',
    'Burstable',
    'Guaranteed',
  ]),
  resize: text(
    'State of a change of resources. Older form of the conditions PodResizePending and PodResizeInProgress.',
  ),
  resourceClaimStatuses: list(PodResourceClaimStatus, 'Claims made for the pod.', {
    type: 'map',
    keys: ['name'],
    patch: 'merge,retainKeys',
    mergeKey: 'name',
  }),
  extendedResourceClaimStatus: field(PodExtendedResourceClaimStatus, 'Claim made for extended resources.'),
  nodeAllocatableResourceClaimStatuses: list(
    NodeAllocatableResourceClaimStatus,
    'What claims take of the resources of the node itself.',
    { type: 'map', keys: ['resourceClaimName'], patch: 'merge', mergeKey: 'resourceClaimName' },
  ),
  allocatedResources: resourceList('What the node has set aside for the pod as a whole.'),
  resources: field(ResourceRequirements, 'Requests and limits of the pod as a whole that are in force.'),
})
export type PodStatus = Static<typeof PodStatus>
