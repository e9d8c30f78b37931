import t from 'tap'
import type { PodSpec, SecurityContext } from '../../../../../shared/api/pod/pod.ts'
import { validatePodSpec } from '../../../../../shared/api/pod/validation/pod-spec.ts'
import { type Partly, podOf } from '../../../../support/pods.ts'

const errorsOf = (spec: Partly<PodSpec>): string[] =>
  validatePodSpec(podOf({ spec }).spec, 'spec').map(({ field, message }) => `${field}: ${message}`)

const container = (securityContext: Partly<SecurityContext>): Partly<PodSpec> => ({
  containers: [{ name: 'c', image: 'x:1', securityContext }],
})

const worlds: [title: string, spec: Partly<PodSpec>, wanted: (string | RegExp)[]][] = [
  ['IDs', container({ runAsUser: 0, runAsGroup: 2 ** 31 - 1 }), []],
  [
    'negative IDs',
    { securityContext: { runAsUser: -1, fsGroup: 2 ** 31, supplementalGroups: [-2] } },
    [
      'spec.securityContext.fsGroup: Invalid value: 2147483648: must be between 0 and 2147483647, inclusive',
      'spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive',
      'spec.securityContext.supplementalGroups[0]: Invalid value: -2: must be between 0 and 2147483647, inclusive',
    ],
  ],
  [
    'a seccomp profile of the node',
    container({ seccompProfile: { type: 'Localhost' } }),
    [
      'spec.containers[0].securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost',
    ],
  ],
  [
    'a type of profile',
    container({ seccompProfile: { type: 'Best' as never }, appArmorProfile: { type: '' as never } }),
    [
      'spec.containers[0].securityContext.seccompProfile.type: Unsupported value: "Best": supported values: "Localhost", "RuntimeDefault", "Unconfined"',
      'spec.containers[0].securityContext.appArmorProfile.type: Required value: type is required when appArmorProfile is set',
    ],
  ],
  [
    'a padded AppArmor profile',
    { securityContext: { appArmorProfile: { type: 'Localhost', localhostProfile: ' a' } } },
    ['spec.securityContext.appArmorProfile.localhostProfile: Invalid value: " a": must not be padded with whitespace'],
  ],
  [
    'escalation',
    container({ allowPrivilegeEscalation: false, privileged: true, capabilities: { add: ['CAP_SYS_ADMIN'] } }),
    [
      /^spec.containers\[0\].securityContext: Invalid value: .*: cannot set `allowPrivilegeEscalation` to false and `privileged` to true$/,
      /^spec.containers\[0\].securityContext: Invalid value: .*: cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN$/,
    ],
  ],
  [
    'an unmasked /proc',
    container({ procMount: 'Unmasked' }),
    [
      'spec.containers[0].securityContext.procMount: Invalid value: "Unmasked": `hostUsers` must be false to use `Unmasked`',
    ],
  ],
  ['an unmasked /proc with its own users', { hostUsers: false, ...container({ procMount: 'Unmasked' }) }, []],
  [
    'kernel parameters',
    {
      hostNetwork: true,
      securityContext: {
        sysctls: [
          { name: 'net.core.somaxconn', value: '1' },
          { name: 'A', value: '1' },
        ],
      },
    },
    [
      `spec.securityContext.sysctls[0].name: Invalid value: "net.core.somaxconn": may not be specified when 'hostNetwork' is true`,
      'spec.securityContext.sysctls[1].name: Invalid value: "A": must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$',
    ],
  ],
  [
    'processes shared twice',
    { shareProcessNamespace: true, hostPID: true },
    [
      'spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled',
    ],
  ],
  [
    'users of its own on the network of the node',
    { hostUsers: false, hostNetwork: true },
    ['spec.hostNetwork: Forbidden: when `pod.Spec.HostUsers` is false'],
  ],
  [
    'a policy for groups',
    { securityContext: { fsGroupChangePolicy: 'Never' as never } },
    [
      'spec.securityContext.fsGroupChangePolicy: Unsupported value: "Never": supported values: "Always", "OnRootMismatch"',
    ],
  ],
  [
    'Windows on Linux',
    { os: { name: 'linux' }, ...container({ windowsOptions: {} }) },
    ['spec.containers[0].securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod'],
  ],
]

for (const [title, spec, wanted] of worlds) {
  t.test(title, async (t) => {
    const errors = errorsOf(spec)
    t.equal(errors.length, wanted.length, errors.join('\n'))
    t.match(errors, wanted)
  })
}
