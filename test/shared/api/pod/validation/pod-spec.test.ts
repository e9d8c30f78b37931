import t from 'tap'
import type { Container, PodSpec } from '../../../../../shared/api/pod/pod.ts'
import { validateNewPod, validatePod } from '../../../../../shared/api/pod/validation/pod.ts'
import { type Partly, podOf } from '../../../../support/pods.ts'

/** Errors as `kubectl` lists them. */
const errorsOf = (spec: Partly<PodSpec>): string[] =>
  validatePod(podOf({ spec })).map(({ field, message }) => `${field}: ${message}`)

type Table = [title: string, spec: Partly<PodSpec>, wanted: string[]][]

const check = (title: string, table: Table) =>
  t.test(title, async (t) => {
    for (const [name, spec, wanted] of table) t.strictSame(errorsOf(spec), wanted, name)
  })

const one = (fields: Partly<Container>): Partly<PodSpec> => ({ containers: [{ name: 'c', image: 'x:1', ...fields }] })
const two = (a: Partly<Container>, b: Partly<Container>): Partly<PodSpec> => ({
  containers: [
    { name: 'a', image: 'x:1', ...a },
    { name: 'b', image: 'x:1', ...b },
  ],
})
const init = (fields: Partly<Container>): Partly<PodSpec> => ({
  initContainers: [{ name: 'i', image: 'x:1', ...fields }],
})

/** What upstream's types hold as plain strings: any text can be sent, and is then refused. */
const wrong = (value: string) => value as never

const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"

check('the pod as a whole', [
  ['nothing wrong', {}, []],
  ['no containers', { containers: [] }, ['spec.containers: Required value']],
  [
    'a restart policy',
    { restartPolicy: wrong('Sometimes') },
    ['spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"'],
  ],
  [
    'a DNS policy',
    { dnsPolicy: wrong('Guess') },
    [
      'spec.dnsPolicy: Unsupported value: "Guess": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
    ],
  ],
  [
    'DNS of its own, but none given',
    { dnsPolicy: 'None' },
    ['spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None'],
  ],
  [
    'a name server',
    { dnsConfig: { nameservers: ['dns'] } },
    [
      'spec.dnsConfig.nameservers[0]: Invalid value: "dns": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
  ],
  ['a search domain with underscores', { dnsConfig: { searches: ['_tcp.example.com.', '.'] } }, []],
  [
    'deadlines',
    { activeDeadlineSeconds: 0 },
    ['spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive'],
  ],
  ['a host name', { hostname: 'A.b' }, [`spec.hostname: Invalid value: "A.b": ${LABEL}`]],
  ['a subdomain', { subdomain: 'a.b' }, ['spec.subdomain: Invalid value: "a.b": must not contain dots']],
  [
    'a node selector',
    { nodeSelector: { a: 'b c' } },
    [
      `spec.nodeSelector: Invalid value: "b c": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
    ],
  ],
  [
    'host aliases',
    { hostAliases: [{ ip: 'localhost', hostnames: ['ok.example'] }] },
    [
      'spec.hostAliases[0].ip: Invalid value: "localhost": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
  ],
  [
    'gates and a node',
    { nodeName: 'n', schedulingGates: [{ name: 'g' }, { name: 'g' }] },
    [
      'spec.schedulingGates[1]: Duplicate value: "g"',
      'spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared',
    ],
  ],
  [
    'a readiness gate',
    { readinessGates: [{ conditionType: 'a/b/c' }] },
    [
      `spec.readinessGates[0].conditionType: Invalid value: "a/b/c": a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ],
  ],
  [
    'a preemption policy',
    { preemptionPolicy: wrong('Maybe') },
    ['spec.preemptionPolicy: Unsupported value: "Maybe": supported values: "PreemptLowerPriority", "Never"'],
  ],
  [
    'an operating system',
    { os: { name: 'plan9' } },
    ['spec.os: Unsupported value: "plan9": supported values: "linux", "windows"'],
  ],
  [
    'what Windows does not have',
    { os: { name: 'windows' }, hostPID: true, securityContext: { runAsUser: 1 } },
    [
      'spec.hostPID: Forbidden: cannot be set for a windows pod',
      'spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod',
    ],
  ],
])

check('all errors at once', [
  [
    'in upstream’s order',
    {
      restartPolicy: wrong('Sometimes'),
      ...one({ livenessProbe: { httpGet: { path: '/', port: 99999 }, tcpSocket: { port: 1 } } }),
    },
    [
      'spec.containers[0].livenessProbe.httpGet.port: Invalid value: 99999: must be between 1 and 65535, inclusive',
      'spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type',
      'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
    ],
  ],
])

check('containers', [
  ['no name', one({ name: '' }), ['spec.containers[0].name: Required value']],
  ['a bad name', one({ name: 'C' }), [`spec.containers[0].name: Invalid value: "C": ${LABEL}`]],
  ['the same name twice', two({ name: 'b' }, {}), ['spec.containers[1].name: Duplicate value: "b"']],
  ['no image', one({ image: '' }), ['spec.containers[0].image: Required value']],
  [
    'an image with blanks',
    one({ image: ' x ' }),
    ['spec.containers[0].image: Invalid value: " x ": must not have leading or trailing whitespace'],
  ],
  [
    'a pull policy',
    one({ imagePullPolicy: wrong('Often') }),
    [
      'spec.containers[0].imagePullPolicy: Unsupported value: "Often": supported values: "Always", "IfNotPresent", "Never"',
    ],
  ],
  [
    'a restart policy of its own',
    one({ restartPolicy: 'Always' }),
    ['spec.containers[0].restartPolicy: Forbidden: may not be set for non-init containers'],
  ],
  [
    'ports',
    one({ ports: [{ containerPort: 0 }, { containerPort: 70000 }, { containerPort: 1, protocol: wrong('ICMP') }] }),
    [
      'spec.containers[0].ports[0].containerPort: Required value',
      'spec.containers[0].ports[1].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
      'spec.containers[0].ports[2].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
    ],
  ],
  [
    'names of ports',
    one({
      ports: [
        { name: 'http', containerPort: 1 },
        { name: 'http', containerPort: 2 },
        { name: '80', containerPort: 3 },
      ],
    }),
    [
      'spec.containers[0].ports[1].name: Duplicate value: "http"',
      'spec.containers[0].ports[2].name: Invalid value: "80": must contain at least one letter (a-z)',
    ],
  ],
  [
    'the same port of the node twice',
    two({ ports: [{ containerPort: 1, hostPort: 8080 }] }, { ports: [{ containerPort: 2, hostPort: 8080 }] }),
    ['spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//8080"'],
  ],
  [
    'another port on the network of the node',
    { hostNetwork: true, ...one({ ports: [{ containerPort: 1, hostPort: 2 }] }) },
    ['spec.containers[0].ports[0].hostPort: Invalid value: 2: must match `containerPort` when `hostNetwork` is true'],
  ],
  [
    'resizing',
    { restartPolicy: 'Never', ...one({ resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] }) },
    [
      `spec.containers[0].resizePolicy: Invalid value: "RestartContainer": must be 'NotRequired' when \`restartPolicy\` is 'Never'`,
    ],
  ],
])

check('init and ephemeral containers', [
  ['the name of a container', init({ name: 'c' }), ['spec.initContainers[0].name: Duplicate value: "c"']],
  [
    'probes and actions',
    init({ livenessProbe: { exec: { command: ['a'] } }, lifecycle: { preStop: { sleep: { seconds: 1 } } } }),
    [
      'spec.initContainers[0].lifecycle: Forbidden: may not be set for init containers without restartPolicy=Always',
      'spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
    ],
  ],
  ['probes of a sidecar', init({ restartPolicy: 'Always', livenessProbe: { exec: { command: ['a'] } } }), []],
  [
    'a restart policy',
    init({ restartPolicy: 'Never' }),
    ['spec.initContainers[0].restartPolicy: Unsupported value: "Never": supported values: "Always"'],
  ],
  [
    'what an ephemeral container may not have',
    {
      ephemeralContainers: [
        { name: 'c', image: 'x', targetContainerName: 'none', ports: [{ containerPort: 1 }], resources: {} },
      ],
    },
    [
      'spec.ephemeralContainers[0].name: Duplicate value: "c"',
      'spec.ephemeralContainers[0].targetContainerName: Not found: "none"',
      'spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container',
    ],
  ],
])

t.test('an ephemeral container cannot be there from the start', async (t) => {
  const pod = podOf({ spec: { ephemeralContainers: [{ name: 'e', image: 'x' }] } })
  t.match(validateNewPod(pod), [{ field: 'spec.ephemeralContainers', message: 'Forbidden: cannot be set on create' }])
  t.strictSame(validateNewPod(podOf()), [])
})

t.test('a token needs a service account', async (t) => {
  const volumes = [{ name: 't', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }]
  t.strictSame(errorsOf({ volumes }), [
    'spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set',
  ])
  t.strictSame(errorsOf({ volumes, serviceAccountName: 'default' }), [])
})

t.test('the cost of a deletion is a number', async (t) => {
  const withCost = (cost: string) =>
    validatePod(podOf({ metadata: { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } } }))
  t.strictSame(withCost('-10'), [])
  t.match(withCost('+1'), [
    {
      field: 'metadata.annotations[controller.kubernetes.io/pod-deletion-cost]',
      message: 'Invalid value: "+1": must be a 32bit integer',
    },
  ])
})
