import { boolean, choice, field, int32, list, object, type Static, text } from '../schema.ts'
import { coreModel } from './core-model.ts'
import { EnvFromSource, EnvVar } from './environment.ts'
import { pullPolicyFor } from './image-pull-policy.ts'
import { Lifecycle } from './lifecycle.ts'
import { Probe } from './probe.ts'
import { ContainerResizePolicy, ResourceRequirements } from './resources.ts'
import { SecurityContext } from './security-context.ts'
import { VolumeDevice, VolumeMount } from './volume-mount.ts'

export const ContainerPort = object(
  coreModel('ContainerPort'),
  'A port that a container listens on. For information, but for `hostPort`: a port that is not listed can be reached as well.',
  {
    name: text('Name by which probes and services may refer to the port; unique in the pod.'),
    containerPort: int32('Port number in the pod, from 1 to 65535.'),
    protocol: choice('Transport protocol.', ['SCTP', 'TCP', 'UDP'], { default: 'TCP' }),
    hostPort: int32('Port number on the node. With `hostNetwork` it equals `containerPort`.'),
    hostIP: text('Address of the node on which `hostPort` listens. Default: all.'),
  },
  { required: ['containerPort', 'protocol'] },
)
export type ContainerPort = Static<typeof ContainerPort>

export const ContainerRestartRuleOnExitCodes = object(
  coreModel('ContainerRestartRuleOnExitCodes'),
  'Exit codes to which a restart rule applies.',
  {
    operator: text('In: the code is one of `values`; NotIn: it is none of them.'),
    values: list(int32('Exit code.'), 'The exit codes; at most 255.', { type: 'set' }),
  },
  { required: ['operator'] },
)

export const ContainerRestartRule = object(
  coreModel('ContainerRestartRule'),
  'What to do when a container ends in a certain way.',
  {
    action: text('Restart, or RestartAllContainers.'),
    exitCodes: field(ContainerRestartRuleOnExitCodes, 'The exit codes to which the rule applies.'),
  },
  { required: ['action'] },
)

/** The fields that containers and ephemeral containers share. */
const containerFields = {
  name: text('Name, a DNS label, unique among all containers of the pod. Cannot be changed.'),
  image: text('Name of the image.'),
  command: list(text('Program or argument.'), 'Program with arguments. Default: the entrypoint of the image.', {
    type: 'atomic',
  }),
  args: list(text('Argument.'), 'Arguments of the program. Default: the command of the image.', { type: 'atomic' }),
  workingDir: text('Working directory. Default: the one of the image.'),
  ports: list(ContainerPort, 'Ports that the container listens on.', {
    type: 'map',
    keys: ['containerPort', 'protocol'],
    patch: 'merge',
    mergeKey: 'containerPort',
  }),
  envFrom: list(EnvFromSource, 'ConfigMaps and Secrets whose entries become variables; later ones win.', {
    type: 'atomic',
  }),
  env: list(EnvVar, 'Environment variables; they win over `envFrom`.', {
    type: 'map',
    keys: ['name'],
    patch: 'merge',
    mergeKey: 'name',
  }),
  resources: field(ResourceRequirements, 'Resources that the container needs and may use.', { default: {} }),
  resizePolicy: list(ContainerResizePolicy, 'What changes of the resources mean for the running container.', {
    type: 'atomic',
  }),
  restartPolicy: text('For init containers: Always makes it a sidecar, which runs beside the containers that follow.'),
  restartPolicyRules: list(
    ContainerRestartRule,
    'Rules that decide, before the restart policy, whether an ended container is restarted; the first that applies counts.',
    { type: 'atomic' },
  ),
  volumeMounts: list(VolumeMount, 'Volumes of the pod as directories of the container.', {
    type: 'map',
    keys: ['mountPath'],
    patch: 'merge',
    mergeKey: 'mountPath',
  }),
  volumeDevices: list(VolumeDevice, 'Claims of the pod as block devices of the container.', {
    type: 'map',
    keys: ['devicePath'],
    patch: 'merge',
    mergeKey: 'devicePath',
  }),
  livenessProbe: field(Probe, 'Whether the container works; when it fails, the container is restarted.'),
  readinessProbe: field(Probe, 'Whether the container can serve; while it fails, the pod is not ready.'),
  startupProbe: field(Probe, 'Whether the container has started; until it succeeds, the other probes wait.'),
  lifecycle: field(Lifecycle, 'Actions at the start and at the end of the container.'),
  terminationMessagePath: text('File in the container whose content tells, at its end, why it ended.', {
    default: '/dev/termination-log',
  }),
  terminationMessagePolicy: choice(
    'Where the final message is from: the file, or after a failure the end of the log where the file is empty.',
    ['FallbackToLogsOnError', 'File'],
    { default: 'File' },
  ),
  imagePullPolicy: choice(
    'When the image is fetched. Default: Always for the tag `latest`, otherwise IfNotPresent.',
    ['Always', 'IfNotPresent', 'Never'],
    { default: ({ image }) => pullPolicyFor(image) },
  ),
  securityContext: field(SecurityContext, 'Security settings of the container.'),
  stdin: boolean('Whether the container has a standard input. Default: false, it reads end of file.'),
  stdinOnce: boolean('Whether standard input is closed when the first client detaches. Default: false.'),
  tty: boolean('Whether the container has a terminal; needs `stdin`. Default: false.'),
}

/** What defaulting and validation leave in no stored container unset. */
const CONTAINER_REQUIRED = [
  'name',
  'image',
  'resources',
  'terminationMessagePath',
  'terminationMessagePolicy',
  'imagePullPolicy',
] as const

export const Container = object(coreModel('Container'), 'A program of a pod.', containerFields, {
  required: CONTAINER_REQUIRED,
})
export type Container = Static<typeof Container>

export const EphemeralContainer = object(
  coreModel('EphemeralContainer'),
  'A program added to a running pod to look into it. Added by the `ephemeralcontainers` subresource, never restarted, never removed.',
  {
    ...containerFields,
    targetContainerName: text('Container of the pod whose processes it sees. Default: none.'),
  },
  { required: CONTAINER_REQUIRED },
)
export type EphemeralContainer = Static<typeof EphemeralContainer>
