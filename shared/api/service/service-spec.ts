import { coreModel } from '../pod/core-model.ts'
import { boolean, choice, field, int32, intOrString, list, map, object, type Static, text } from '../schema.ts'

export const SERVICE_TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'] as const
export const PROTOCOLS = ['SCTP', 'TCP', 'UDP'] as const
export const AFFINITIES = ['ClientIP', 'None'] as const
export const TRAFFIC_POLICIES = ['Cluster', 'Local'] as const
export const IP_FAMILIES = ['IPv4', 'IPv6'] as const
export const FAMILY_POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack'] as const
export const DISTRIBUTIONS = ['PreferClose'] as const

const ServicePort = object(
  coreModel('ServicePort'),
  'One port of a service.',
  {
    name: text('Name of the port; needed where the service has several.'),
    protocol: choice('Protocol of the traffic.', PROTOCOLS, { default: 'TCP' }),
    appProtocol: text('What is spoken above `protocol`, as a hint: `http`, `kubernetes.io/h2c`, …'),
    port: int32('Port at which clients find the service.'),
    targetPort: intOrString('Number, or name, of the port of the pods. Default: the number of `port`.', {
      default: ({ port }) => (typeof port === 'number' ? port : undefined),
    }),
    nodePort: int32('Port of every node at which the service is found too; for NodePort and LoadBalancer.'),
  },
  { required: ['port', 'protocol', 'targetPort'] },
)
export type ServicePort = Static<typeof ServicePort>

const ClientIPConfig = object(
  coreModel('ClientIPConfig'),
  'How clients are kept with the pod that they first reached.',
  {
    timeoutSeconds: int32('Seconds without traffic after which a client may get another pod. Default: 10800.'),
  },
)

const SessionAffinityConfig = object(coreModel('SessionAffinityConfig'), 'Details of session affinity.', {
  clientIP: field(ClientIPConfig, 'Details of affinity by client address.'),
})

export const ServiceSpec = object(
  coreModel('ServiceSpec'),
  'Which pods a service stands for, and how it is reached.',
  {
    ports: list(ServicePort, 'Ports of the service.', {
      type: 'map',
      keys: ['port', 'protocol'],
      patch: 'merge',
      mergeKey: 'port',
    }),
    selector: map(
      text('Label value.'),
      'Labels of the pods that answer. Without it somebody else says who answers, by EndpointSlices.',
      { mapType: 'atomic' },
    ),
    clusterIP: text('Address of the service; `None` makes it headless: its name then stands for its pods’ addresses.'),
    clusterIPs: list(text('An address.'), 'Addresses of the service, the first of which is `clusterIP`.', {
      type: 'atomic',
    }),
    type: choice('From where the service is reached.', SERVICE_TYPES, { default: 'ClusterIP' }),
    externalIPs: list(text('An address.'), 'Further addresses, which others have made lead to the nodes.', {
      type: 'atomic',
    }),
    sessionAffinity: choice('Whether a client stays with the pod that it first reached.', AFFINITIES, {
      default: 'None',
    }),
    loadBalancerIP: text('Address that the load balancer should get, where it can be chosen.'),
    loadBalancerSourceRanges: list(
      text('A range of addresses, such as `10.0.0.0/8`.'),
      'From where the load balancer takes traffic. Default: from everywhere.',
      { type: 'atomic' },
    ),
    externalName: text('Name to which the service’s own name leads, for type ExternalName.'),
    externalTrafficPolicy: choice(
      'Whether traffic from outside goes to all pods (Cluster) or to those on the node that it came to (Local).',
      TRAFFIC_POLICIES,
    ),
    healthCheckNodePort: int32('Port at which nodes say whether they have pods, for `externalTrafficPolicy` Local.'),
    publishNotReadyAddresses: boolean('Whether pods count before they are ready.'),
    sessionAffinityConfig: field(SessionAffinityConfig, 'Details of session affinity.'),
    ipFamilies: list(choice('IPv4 or IPv6.', IP_FAMILIES), 'IP families of the service’s addresses.', {
      type: 'atomic',
    }),
    ipFamilyPolicy: choice('Whether the service has addresses of one IP family or of two.', FAMILY_POLICIES),
    allocateLoadBalancerNodePorts: boolean('Whether a load balancer’s service gets ports of the nodes. Default: true.'),
    loadBalancerClass: text('Which implementation makes the load balancer. Default: that of the cluster.'),
    internalTrafficPolicy: choice(
      'Whether traffic from pods goes to all pods (Cluster) or to those on the same node (Local).',
      TRAFFIC_POLICIES,
    ),
    trafficDistribution: choice('Which pods are preferred, where several could answer.', DISTRIBUTIONS),
  },
  { required: ['type', 'sessionAffinity'] },
)
export type ServiceSpec = Static<typeof ServiceSpec>
