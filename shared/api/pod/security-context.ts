import { boolean, choice, field, int64, list, object, type Static, text } from '../schema.ts'
import { coreModel } from './core-model.ts'

export const AppArmorProfile = object(
  coreModel('AppArmorProfile'),
  'The AppArmor profile that confines a container.',
  {
    type: choice('RuntimeDefault, Unconfined, or Localhost for a profile loaded on the node.', [
      'Localhost',
      'RuntimeDefault',
      'Unconfined',
    ]),
    localhostProfile: text('Name of the profile on the node; for Localhost only, and required there.'),
  },
  { required: ['type'] },
)
export type AppArmorProfile = Static<typeof AppArmorProfile>

export const SeccompProfile = object(
  coreModel('SeccompProfile'),
  'The filter for the system calls of a container.',
  {
    type: choice('RuntimeDefault, Unconfined, or Localhost for a file on the node.', [
      'Localhost',
      'RuntimeDefault',
      'Unconfined',
    ]),
    localhostProfile: text(
      'Path of the file, below the seccomp directory of the kubelet; for Localhost only, and required there.',
    ),
  },
  { required: ['type'] },
)
export type SeccompProfile = Static<typeof SeccompProfile>

export const SELinuxOptions = object(coreModel('SELinuxOptions'), 'The SELinux label of a container.', {
  user: text('User part of the label.'),
  role: text('Role part of the label.'),
  type: text('Type part of the label.'),
  level: text('Level part of the label.'),
})

export const WindowsSecurityContextOptions = object(
  coreModel('WindowsSecurityContextOptions'),
  'Security settings of containers on Windows.',
  {
    gmsaCredentialSpecName: text('Name of the credential spec of a group managed service account.'),
    gmsaCredentialSpec: text('The credential spec itself.'),
    runAsUserName: text('Windows user that runs the program. Default: the one of the image.'),
    hostProcess: boolean('Whether the container runs as a process of the host.'),
  },
)

export const Capabilities = object(coreModel('Capabilities'), 'Linux capabilities beside those of the runtime.', {
  add: list(text('Capability.'), 'Capabilities to add.', { type: 'atomic' }),
  drop: list(text('Capability.'), 'Capabilities to take away.', { type: 'atomic' }),
})

export const SecurityContext = object(
  coreModel('SecurityContext'),
  'Security settings of one container; they win over those of the pod.',
  {
    allowPrivilegeEscalation: boolean('Whether a process may gain more privileges than its parent.'),
    appArmorProfile: field(AppArmorProfile, 'AppArmor profile.'),
    capabilities: field(Capabilities, 'Linux capabilities to add and to drop.'),
    privileged: boolean('Whether the container has all the rights of the host.'),
    procMount: choice('How much of /proc is masked.', ['Default', 'Unmasked']),
    readOnlyRootFilesystem: boolean('Whether the root file system is read-only.'),
    runAsGroup: int64('Group ID of the main process. Default: the one of the pod, or of the image.'),
    runAsNonRoot: boolean('Refuse to start the container as user 0.'),
    runAsUser: int64('User ID of the main process. Default: the one of the pod, or of the image.'),
    seLinuxOptions: field(SELinuxOptions, 'SELinux label.'),
    seccompProfile: field(SeccompProfile, 'Filter for system calls.'),
    windowsOptions: field(WindowsSecurityContextOptions, 'Settings for Windows.'),
  },
)
export type SecurityContext = Static<typeof SecurityContext>

export const Sysctl = object(
  coreModel('Sysctl'),
  'A kernel parameter.',
  { name: text('Name of the parameter.'), value: text('Value to set.') },
  { required: ['name', 'value'] },
)

export const PodSecurityContext = object(
  coreModel('PodSecurityContext'),
  'Security settings of a pod, which hold for all its containers.',
  {
    appArmorProfile: field(AppArmorProfile, 'AppArmor profile.'),
    fsGroup: int64('Group that owns the volumes of the pod, and that all processes belong to.'),
    fsGroupChangePolicy: choice('When the ownership of a volume is changed. Default: Always.', [
      'Always',
      'OnRootMismatch',
    ]),
    runAsGroup: int64('Group ID of the main processes. Default: the one of the image.'),
    runAsNonRoot: boolean('Refuse to start containers as user 0.'),
    runAsUser: int64('User ID of the main processes. Default: the one of the image.'),
    seLinuxChangePolicy: choice('How volumes get their SELinux label. Default: MountOption.', [
      'MountOption',
      'Recursive',
    ]),
    seLinuxOptions: field(SELinuxOptions, 'SELinux label.'),
    seccompProfile: field(SeccompProfile, 'Filter for system calls.'),
    supplementalGroups: list(int64('Group ID.'), 'Further groups of the main processes.', { type: 'atomic' }),
    supplementalGroupsPolicy: choice('Whether groups of the image count as well. Default: Merge.', ['Merge', 'Strict']),
    sysctls: list(Sysctl, 'Kernel parameters of the pod.', { type: 'atomic' }),
    windowsOptions: field(WindowsSecurityContextOptions, 'Settings for Windows.'),
  },
)
export type PodSecurityContext = Static<typeof PodSecurityContext>
