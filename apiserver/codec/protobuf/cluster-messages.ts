/** Protobuf fields of services, certificate requests, policies, priorities and roles, in the notation of `messages.ts`. */
export const clusterMessages = {
  AggregationRule: '1:clusterRoleSelectors:[]LabelSelector',
  CertificateSigningRequest:
    '1:metadata:ObjectMeta 2:spec:CertificateSigningRequestSpec 3:status:CertificateSigningRequestStatus',
  CertificateSigningRequestCondition:
    '1:type:string 2:reason:string 3:message:string 4:lastUpdateTime:Time 5:lastTransitionTime:Time 6:status:string',
  CertificateSigningRequestSpec:
    '1:request:bytes 2:username:string 3:uid:string 4:groups:[]string 5:usages:[]string 7:signerName:string 8:expirationSeconds:int?',
  CertificateSigningRequestStatus: '1:conditions:[]CertificateSigningRequestCondition 2:certificate:bytes',
  ClientIPConfig: '1:timeoutSeconds:int?',
  ClusterRole: '1:metadata:ObjectMeta 2:rules:[]PolicyRule 3:aggregationRule:AggregationRule',
  ClusterRoleBinding: '1:metadata:ObjectMeta 2:subjects:[]Subject 3:roleRef:RoleRef',
  Condition:
    '1:type:string 2:status:string 3:observedGeneration:int 4:lastTransitionTime:Time 5:reason:string 6:message:string',
  Endpoint:
    '1:addresses:[]string 2:conditions:EndpointConditions 3:hostname:string 4:targetRef:ObjectReference 5:deprecatedTopology:map:string 6:nodeName:string 7:zone:string 8:hints:EndpointHints',
  EndpointAddress: '1:ip:string 2:targetRef:ObjectReference 3:hostname:string 4:nodeName:string',
  EndpointConditions: '1:ready:bool? 2:serving:bool? 3:terminating:bool?',
  EndpointHints: '1:forZones:[]ForZone 2:forNodes:[]ForNode',
  EndpointPort: '1:name:string 2:port:int 3:protocol:string 4:appProtocol:string',
  EndpointSlice: '1:metadata:ObjectMeta 2:endpoints:[]Endpoint 3:ports:[]EndpointSlicePort 4:addressType:string',
  /** Called EndpointPort as well, in a group of its own. */
  EndpointSlicePort: '1:name:string? 2:protocol:string 3:port:int? 4:appProtocol:string',
  EndpointSubset: '1:addresses:[]EndpointAddress 2:notReadyAddresses:[]EndpointAddress 3:ports:[]EndpointPort',
  Endpoints: '1:metadata:ObjectMeta 2:subsets:[]EndpointSubset',
  ForNode: '1:name:string',
  ForZone: '1:name:string',
  LimitRange: '1:metadata:ObjectMeta 2:spec:LimitRangeSpec',
  LimitRangeItem:
    '1:type:string 2:max:map:Quantity 3:min:map:Quantity 4:default:map:Quantity 5:defaultRequest:map:Quantity 6:maxLimitRequestRatio:map:Quantity',
  LimitRangeSpec: '1:limits:[]LimitRangeItem',
  LoadBalancerIngress: '1:ip:string 2:hostname:string 3:ipMode:string 4:ports:[]PortStatus',
  LoadBalancerStatus: '1:ingress:[]LoadBalancerIngress',
  PodDisruptionBudget: '1:metadata:ObjectMeta 2:spec:PodDisruptionBudgetSpec 3:status:PodDisruptionBudgetStatus',
  PodDisruptionBudgetSpec:
    '1:minAvailable:IntOrString 2:selector:LabelSelector 3:maxUnavailable:IntOrString 4:unhealthyPodEvictionPolicy:string',
  PodDisruptionBudgetStatus:
    '1:observedGeneration:int 2:disruptedPods:map:Time 3:disruptionsAllowed:int 4:currentHealthy:int 5:desiredHealthy:int 6:expectedPods:int 7:conditions:[]Condition',
  PodTemplate: '1:metadata:ObjectMeta 2:template:PodTemplateSpec',
  PolicyRule:
    '1:verbs:[]string 2:apiGroups:[]string 3:resources:[]string 4:resourceNames:[]string 5:nonResourceURLs:[]string',
  PortStatus: '1:port:int 2:protocol:string 3:error:string',
  PriorityClass:
    '1:metadata:ObjectMeta 2:value:int 3:globalDefault:bool 4:description:string 5:preemptionPolicy:string',
  ResourceQuota: '1:metadata:ObjectMeta 2:spec:ResourceQuotaSpec 3:status:ResourceQuotaStatus',
  ResourceQuotaSpec: '1:hard:map:Quantity 2:scopes:[]string 3:scopeSelector:ScopeSelector',
  ResourceQuotaStatus: '1:hard:map:Quantity 2:used:map:Quantity',
  Role: '1:metadata:ObjectMeta 2:rules:[]PolicyRule',
  RoleBinding: '1:metadata:ObjectMeta 2:subjects:[]Subject 3:roleRef:RoleRef',
  RoleRef: '1:apiGroup:string 2:kind:string 3:name:string',
  ScopeSelector: '1:matchExpressions:[]ScopedResourceSelectorRequirement',
  ScopedResourceSelectorRequirement: '1:scopeName:string 2:operator:string 3:values:[]string',
  Service: '1:metadata:ObjectMeta 2:spec:ServiceSpec 3:status:ServiceStatus',
  ServicePort:
    '1:name:string 2:protocol:string 3:port:int 4:targetPort:IntOrString 5:nodePort:int 6:appProtocol:string',
  ServiceSpec:
    '1:ports:[]ServicePort 2:selector:map:string 3:clusterIP:string 4:type:string 5:externalIPs:[]string 7:sessionAffinity:string 8:loadBalancerIP:string 9:loadBalancerSourceRanges:[]string 10:externalName:string 11:externalTrafficPolicy:string 12:healthCheckNodePort:int 13:publishNotReadyAddresses:bool 14:sessionAffinityConfig:SessionAffinityConfig 17:ipFamilyPolicy:string 18:clusterIPs:[]string 19:ipFamilies:[]string 20:allocateLoadBalancerNodePorts:bool? 21:loadBalancerClass:string 22:internalTrafficPolicy:string 23:trafficDistribution:string',
  ServiceStatus: '1:loadBalancer:LoadBalancerStatus 2:conditions:[]Condition',
  SessionAffinityConfig: '1:clientIP:ClientIPConfig',
  Subject: '1:kind:string 2:apiGroup:string 3:name:string 4:namespace:string',
} as const
