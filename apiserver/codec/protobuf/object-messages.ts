/** Protobuf fields of whole objects, their status and their metadata, in the notation of `messages.ts`. */
export const objectMessages = {
  AttachedVolume: '1:name:string 2:devicePath:string',
  Binding: '1:metadata:ObjectMeta 2:target:ObjectReference',
  ConfigMap: '1:metadata:ObjectMeta 2:data:map:string 3:binaryData:map:bytes 4:immutable:bool?',
  ConfigMapNodeConfigSource:
    '1:namespace:string 2:name:string 3:uid:string 4:resourceVersion:string 5:kubeletConfigKey:string',
  ContainerImage: '1:names:[]string 2:sizeBytes:int',
  ContainerState:
    '1:waiting:ContainerStateWaiting 2:running:ContainerStateRunning 3:terminated:ContainerStateTerminated',
  ContainerStateRunning: '1:startedAt:Time',
  ContainerStateTerminated:
    '1:exitCode:int 2:signal:int 3:reason:string 4:message:string 5:startedAt:Time 6:finishedAt:Time 7:containerID:string',
  ContainerStateWaiting: '1:reason:string 2:message:string',
  ContainerStatus:
    '1:name:string 2:state:ContainerState 3:lastState:ContainerState 4:ready:bool 5:restartCount:int 6:image:string 7:imageID:string 8:containerID:string 9:started:bool? 10:allocatedResources:map:Quantity 11:resources:ResourceRequirements 12:volumeMounts:[]VolumeMountStatus 13:user:ContainerUser 14:allocatedResourcesStatus:[]ResourceStatus 15:stopSignal:string',
  ContainerUser: '1:linux:LinuxContainerUser',
  DaemonEndpoint: '1:Port:int',
  DeleteOptions:
    '1:gracePeriodSeconds:int? 2:preconditions:Preconditions 3:orphanDependents:bool? 4:propagationPolicy:string 5:dryRun:[]string 6:ignoreStoreReadErrorWithClusterBreakingPotential:bool?',
  Event:
    '1:metadata:ObjectMeta 2:involvedObject:ObjectReference 3:reason:string 4:message:string 5:source:EventSource 6:firstTimestamp:Time 7:lastTimestamp:Time 8:count:int 9:type:string 10:eventTime:MicroTime 11:series:EventSeries 12:action:string 13:related:ObjectReference 14:reportingComponent:string 15:reportingInstance:string',
  EventSeries: '1:count:int 2:lastObservedTime:MicroTime',
  EventSource: '1:component:string 2:host:string',
  Eviction: '1:metadata:ObjectMeta 2:deleteOptions:DeleteOptions',
  HostIP: '1:ip:string',
  LabelSelector: '1:matchLabels:map:string 2:matchExpressions:[]LabelSelectorRequirement',
  LabelSelectorRequirement: '1:key:string 2:operator:string 3:values:[]string',
  Lease: '1:metadata:ObjectMeta 2:spec:LeaseSpec',
  LeaseSpec:
    '1:holderIdentity:string 2:leaseDurationSeconds:int? 3:acquireTime:MicroTime 4:renewTime:MicroTime 5:leaseTransitions:int? 6:strategy:string 7:preferredHolder:string',
  LinuxContainerUser: '1:uid:int 2:gid:int 3:supplementalGroups:[]int',
  ManagedFieldsEntry:
    '1:manager:string 2:operation:string 3:apiVersion:string 4:time:Time 6:fieldsType:string 7:fieldsV1:FieldsV1 8:subresource:string',
  Namespace: '1:metadata:ObjectMeta 2:spec:NamespaceSpec 3:status:NamespaceStatus',
  NamespaceCondition: '1:type:string 2:status:string 4:lastTransitionTime:Time 5:reason:string 6:message:string',
  NamespaceSpec: '1:finalizers:[]string',
  NamespaceStatus: '1:phase:string 2:conditions:[]NamespaceCondition',
  Node: '1:metadata:ObjectMeta 2:spec:NodeSpec 3:status:NodeStatus',
  NodeAddress: '1:type:string 2:address:string',
  NodeCondition:
    '1:type:string 2:status:string 3:lastHeartbeatTime:Time 4:lastTransitionTime:Time 5:reason:string 6:message:string',
  NodeConfigSource: '2:configMap:ConfigMapNodeConfigSource',
  NodeConfigStatus:
    '1:assigned:NodeConfigSource 2:active:NodeConfigSource 3:lastKnownGood:NodeConfigSource 4:error:string',
  NodeDaemonEndpoints: '1:kubeletEndpoint:DaemonEndpoint',
  NodeFeatures: '1:supplementalGroupsPolicy:bool',
  NodeRuntimeHandler: '1:name:string 2:features:NodeRuntimeHandlerFeatures',
  NodeRuntimeHandlerFeatures: '1:recursiveReadOnlyMounts:bool 2:userNamespaces:bool',
  NodeSpec:
    '1:podCIDR:string 2:externalID:string 3:providerID:string 4:unschedulable:bool 5:taints:[]Taint 6:configSource:NodeConfigSource 7:podCIDRs:[]string',
  NodeStatus:
    '1:capacity:map:Quantity 2:allocatable:map:Quantity 3:phase:string 4:conditions:[]NodeCondition 5:addresses:[]NodeAddress 6:daemonEndpoints:NodeDaemonEndpoints 7:nodeInfo:NodeSystemInfo 8:images:[]ContainerImage 9:volumesInUse:[]string 10:volumesAttached:[]AttachedVolume 11:config:NodeConfigStatus 12:runtimeHandlers:[]NodeRuntimeHandler 13:features:NodeFeatures',
  NodeSwapStatus: '1:capacity:int',
  NodeSystemInfo:
    '1:machineID:string 2:systemUUID:string 3:bootID:string 4:kernelVersion:string 5:osImage:string 6:containerRuntimeVersion:string 7:kubeletVersion:string 8:kubeProxyVersion:string 9:operatingSystem:string 10:architecture:string 11:swap:NodeSwapStatus',
  ObjectMeta:
    '1:name:string 2:generateName:string 3:namespace:string 4:selfLink:string 5:uid:string 6:resourceVersion:string 7:generation:int 8:creationTimestamp:Time 9:deletionTimestamp:Time 10:deletionGracePeriodSeconds:int? 11:labels:map:string 12:annotations:map:string 13:ownerReferences:[]OwnerReference 14:finalizers:[]string 17:managedFields:[]ManagedFieldsEntry',
  ObjectReference:
    '1:kind:string 2:namespace:string 3:name:string 4:uid:string 5:apiVersion:string 6:resourceVersion:string 7:fieldPath:string',
  OwnerReference:
    '1:kind:string 3:name:string 4:uid:string 5:apiVersion:string 6:controller:bool? 7:blockOwnerDeletion:bool?',
  Pod: '1:metadata:ObjectMeta 2:spec:PodSpec 3:status:PodStatus',
  PodCondition:
    '1:type:string 2:status:string 3:lastProbeTime:Time 4:lastTransitionTime:Time 5:reason:string 6:message:string 7:observedGeneration:int',
  PodIP: '1:ip:string',
  PodResourceClaimStatus: '1:name:string 2:resourceClaimName:string',
  PodStatus:
    '1:phase:string 2:conditions:[]PodCondition 3:message:string 4:reason:string 5:hostIP:string 6:podIP:string 7:startTime:Time 8:containerStatuses:[]ContainerStatus 9:qosClass:string 10:initContainerStatuses:[]ContainerStatus 11:nominatedNodeName:string 12:podIPs:[]PodIP 13:ephemeralContainerStatuses:[]ContainerStatus 14:resize:string 15:resourceClaimStatuses:[]PodResourceClaimStatus 16:hostIPs:[]HostIP 17:observedGeneration:int',
  PodTemplateSpec: '1:metadata:ObjectMeta 2:spec:PodSpec',
  Preconditions: '1:uid:string 2:resourceVersion:string',
  ReplicationController: '1:metadata:ObjectMeta 2:spec:ReplicationControllerSpec 3:status:ReplicationControllerStatus',
  ReplicationControllerCondition:
    '1:type:string 2:status:string 3:lastTransitionTime:Time 4:reason:string 5:message:string',
  ReplicationControllerSpec: '1:replicas:int? 2:selector:map:string 3:template:PodTemplateSpec 4:minReadySeconds:int',
  ReplicationControllerStatus:
    '1:replicas:int 2:fullyLabeledReplicas:int 3:observedGeneration:int 4:readyReplicas:int 5:availableReplicas:int 6:conditions:[]ReplicationControllerCondition',
  ResourceHealth: '1:resourceID:string 2:health:string',
  ResourceStatus: '1:name:string 2:resources:[]ResourceHealth',
  Scale: '1:metadata:ObjectMeta 2:spec:ScaleSpec 3:status:ScaleStatus',
  ScaleSpec: '1:replicas:int',
  ScaleStatus: '1:replicas:int 2:selector:string',
  Secret: '1:metadata:ObjectMeta 2:data:map:bytes 3:type:string 4:stringData:map:string 5:immutable:bool?',
  ServiceAccount:
    '1:metadata:ObjectMeta 2:secrets:[]ObjectReference 3:imagePullSecrets:[]LocalObjectReference 4:automountServiceAccountToken:bool?',
  Taint: '1:key:string 2:value:string 3:effect:string 4:timeAdded:Time',
  VolumeMountStatus: '1:name:string 2:mountPath:string 3:readOnly:bool? 4:recursiveReadOnly:string',
} as const
