import { boolean, choice, field, int32, int64, list, map, object, type Static, text } from '../schema.ts'
import { Affinity } from './affinity.ts'
import { Container, EphemeralContainer } from './container.ts'
import { coreModel } from './core-model.ts'
import { HostAlias, PodDNSConfig } from './network-settings.ts'
import { LocalObjectReference } from './references.ts'
import { PodResourceClaim, ResourceRequirements, resourceList } from './resources.ts'
import {
  PodReadinessGate,
  PodSchedulingGate,
  PodSchedulingGroup,
  Toleration,
  TopologySpreadConstraint,
} from './scheduling.ts'
import { PodSecurityContext } from './security-context.ts'
import { Volume } from './volume.ts'

const GRACE_SECONDS_DEFAULT = 30

export const PodOS = object(
  coreModel('PodOS'),
  'The operating system that a pod is for.',
  { name: text('`linux` or `windows`.') },
  { required: ['name'] },
)

const byName = { type: 'map', keys: ['name'], mergeKey: 'name' } as const

export const PodSpec = object(
  coreModel('PodSpec'),
  'What is to run, how, and where.',
  {
    volumes: list(Volume, 'Volumes that the containers can mount.', { ...byName, patch: 'merge,retainKeys' }),
    initContainers: list(
      Container,
      'Containers that run one after the other, each to its end, before the others start. Sidecars (`restartPolicy` Always) run on.',
      { ...byName, patch: 'merge' },
    ),
    containers: list(Container, 'Containers of the pod; at least one.', { ...byName, patch: 'merge' }),
    ephemeralContainers: list(
      EphemeralContainer,
      'Containers added to the running pod to look into it; only by the `ephemeralcontainers` subresource.',
      { ...byName, patch: 'merge' },
    ),
    restartPolicy: choice('When the containers are restarted.', ['Always', 'OnFailure', 'Never'], {
      default: 'Always',
    }),
    terminationGracePeriodSeconds: int64(
      'Seconds that the containers have to end when the pod is deleted, before they are killed.',
      { default: GRACE_SECONDS_DEFAULT },
    ),
    activeDeadlineSeconds: int64('Seconds after its start on the node at which the pod is failed. Default: none.'),
    dnsPolicy: choice('How names are resolved.', ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'], {
      default: 'ClusterFirst',
    }),
    nodeSelector: map(text('Label value.'), 'Labels that the node must have.', { mapType: 'atomic' }),
    serviceAccountName: text('Service account that the pod acts as. Default: `default`, by admission.'),
    serviceAccount: text('Former name of `serviceAccountName`, kept equal to it.'),
    automountServiceAccountToken: boolean(
      'Whether a token of the service account is mounted. Default: what the service account says, else true.',
    ),
    nodeName: text('Node that the pod runs on: set by the scheduler, or by the client to bypass it.'),
    hostNetwork: boolean('Whether the pod uses the network of the node. Default: false.'),
    hostPID: boolean('Whether the pod sees the processes of the node. Default: false.'),
    hostIPC: boolean('Whether the pod shares IPC with the node. Default: false.'),
    shareProcessNamespace: boolean('Whether the containers see each other’s processes. Default: false.'),
    securityContext: field(PodSecurityContext, 'Security settings for all containers.', { default: {} }),
    imagePullSecrets: list(LocalObjectReference, 'Secrets with credentials for image registries.', {
      ...byName,
      patch: 'merge',
    }),
    hostname: text('Host name of the pod. Default: its name.'),
    subdomain: text('Gives the pod the name `HOSTNAME.SUBDOMAIN.NAMESPACE.svc.CLUSTER-DOMAIN`.'),
    affinity: field(Affinity, 'Constraints and preferences for the place of the pod.'),
    schedulerName: text('Scheduler that places the pod.', { default: 'default-scheduler' }),
    tolerations: list(Toleration, 'Taints that the pod tolerates.', { type: 'atomic' }),
    hostAliases: list(HostAlias, 'Further lines of the hosts file.', {
      type: 'map',
      keys: ['ip'],
      patch: 'merge',
      mergeKey: 'ip',
    }),
    priorityClassName: text('Priority class, from which `priority` follows.'),
    priority: int32('Priority of the pod: filled in by admission; the higher, the more important.'),
    dnsConfig: field(PodDNSConfig, 'Further settings of the resolver.'),
    readinessGates: list(PodReadinessGate, 'Conditions that must be True beside ready containers.', {
      type: 'atomic',
    }),
    runtimeClassName: text('RuntimeClass that runs the pod. Default: the usual runtime.'),
    enableServiceLinks: boolean('Whether services appear as environment variables. Default, in pods: true.'),
    preemptionPolicy: choice('Whether the pod may push out pods of lower priority: filled in by admission.', [
      'Never',
      'PreemptLowerPriority',
    ]),
    overhead: resourceList('What the runtime needs beside the containers: filled in by the RuntimeClass admission.'),
    topologySpreadConstraints: list(TopologySpreadConstraint, 'How pods are spread over places; all must hold.', {
      type: 'map',
      keys: ['topologyKey', 'whenUnsatisfiable'],
      patch: 'merge',
      mergeKey: 'topologyKey',
    }),
    setHostnameAsFQDN: boolean('Whether the host name is the fully qualified name. Default: false.'),
    os: field(PodOS, 'Operating system that the pod is for; fields for others must be unset.'),
    hostUsers: boolean('Whether the pod uses the user IDs of the node. Default: true.'),
    schedulingGates: list(PodSchedulingGate, 'While there are any, the pod is not scheduled. Only set at creation.', {
      ...byName,
      patch: 'merge',
    }),
    resourceClaims: list(PodResourceClaim, 'Resource claims that must be allocated before the pod starts.', {
      ...byName,
      patch: 'merge,retainKeys',
    }),
    resources: field(ResourceRequirements, 'What the pod as a whole needs and may use: CPU, memory, huge pages.'),
    hostnameOverride: text('Host name of the pod, whatever its name and subdomain are.'),
    schedulingGroup: field(PodSchedulingGroup, 'The group with which the pod is scheduled.'),
  },
  {
    required: [
      'containers',
      'restartPolicy',
      'terminationGracePeriodSeconds',
      'dnsPolicy',
      'securityContext',
      'schedulerName',
    ],
  },
)
export type PodSpec = Static<typeof PodSpec>
