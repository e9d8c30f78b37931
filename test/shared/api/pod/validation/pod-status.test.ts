import t from 'tap'
import type { PodSpec, PodStatus } from '../../../../../shared/api/pod/pod.ts'
import { validatePodStatusUpdate } from '../../../../../shared/api/pod/validation/pod-status.ts'
import { type Partly, podOf } from '../../../../support/pods.ts'

const container = (name: string, state: object) => ({
  name,
  image: 'x',
  imageID: '',
  ready: false,
  restartCount: 0,
  state,
})
const ended = (exitCode: number) => ({ terminated: { exitCode } })
const running = { running: {} }

const worlds: [
  title: string,
  spec: Partly<PodSpec>,
  from: Partly<PodStatus>,
  to: Partly<PodStatus>,
  wanted: string[],
][] = [
  [
    'a restart',
    {},
    { containerStatuses: [container('c', ended(0))] },
    { containerStatuses: [container('c', running)] },
    [],
  ],
  [
    'a restart that the policy does not know',
    { restartPolicy: 'Never' },
    { containerStatuses: [container('c', ended(1))] },
    { containerStatuses: [container('c', running)] },
    ['status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state'],
  ],
  [
    'a restart after a failure',
    { restartPolicy: 'OnFailure' },
    { containerStatuses: [container('c', ended(1))] },
    { containerStatuses: [container('c', running)] },
    [],
  ],
  [
    'a restart of a sidecar',
    { restartPolicy: 'Never', initContainers: [{ name: 's', image: 'x', restartPolicy: 'Always' }] },
    { initContainerStatuses: [container('s', ended(0))] },
    { initContainerStatuses: [container('s', running)] },
    [],
  ],
  [
    'a restart of an ephemeral container',
    {},
    { ephemeralContainerStatuses: [container('e', ended(1))] },
    { ephemeralContainerStatuses: [container('e', running)] },
    ['status.ephemeralContainerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state'],
  ],
  [
    'another class',
    {},
    { qosClass: 'Burstable' },
    { qosClass: 'BestEffort' },
    ['status.qosClass: Invalid value: "BestEffort": field is immutable'],
  ],
  ['addresses', {}, {}, { podIPs: [{ ip: '10.0.0.1' }, { ip: '::1' }] }, []],
  [
    'two addresses of one family',
    {},
    {},
    { podIPs: [{ ip: '10.0.0.1' }, { ip: '10.0.0.1' }] },
    [
      'status.podIPs[1]: Duplicate value: map[string]string{"ip":"10.0.0.1"}',
      'status.podIPs: Invalid value: [{"ip":"10.0.0.1"},{"ip":"10.0.0.1"}]: may specify no more than one IP for each IP family',
    ],
  ],
  [
    'an address of the node',
    {},
    {},
    { hostIP: '10.0.0.2', hostIPs: [{ ip: '10.0.0.1' }] },
    ['status.hostIPs[0].ip: Invalid value: "10.0.0.1": must be equal to `hostIP`'],
  ],
  [
    'a condition',
    {},
    {},
    {
      conditions: [
        { type: 'Ready', status: 'True' },
        { type: 'example.com/ok', status: 'True' },
      ],
    },
    [],
  ],
  [
    'a claim that the pod does not have',
    {},
    {},
    { resourceClaimStatuses: [{ name: 'a' }] },
    [
      'status.resourceClaimStatuses[0].name: Invalid value: "a": must match the name of an entry in `spec.resourceClaims`',
    ],
  ],
]

for (const [title, spec, from, to, wanted] of worlds) {
  t.test(title, async (t) => {
    const errors = validatePodStatusUpdate(podOf({ spec, status: to }), podOf({ spec, status: from }))
    t.strictSame(
      errors.map(({ field, message }) => `${field}: ${message}`),
      wanted,
    )
  })
}
