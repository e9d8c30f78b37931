import t from 'tap'
import {
  ConfigError,
  configNames,
  containerEnvironment,
  type EnvironmentSources,
} from '../../../kubelet/pod/environment.ts'
import { expand } from '../../../kubelet/pod/expand.ts'
import type { Container } from '../../../shared/api/pod/pod.ts'
import { container, pod, UID } from './worlds.ts'

t.test('references in texts', async (t) => {
  const rows: [text: string, wanted: string][] = [
    ['plain', 'plain'],
    ['$(A)-$(B)', 'a-b'],
    ['$(NONE)', '$(NONE)'],
    ['$$(A)', '$(A)'],
    ['$$$(A)', '$a'],
    ['100$', '100$'],
    ['$(A', '$(A'],
    ['$A', '$A'],
    ['$(constructor)', '$(constructor)'],
  ]
  for (const [text, wanted] of rows) t.equal(expand(text, { A: 'a', B: 'b' }), wanted, text)
})

const sources: EnvironmentSources = {
  pod: pod({ nodeName: 'node-1' }, { labels: { app: 'kubia' } }),
  podIp: '127.1.1.2',
  nodeIp: '127.1.1.1',
  allocatable: { cpu: '2', memory: '1Gi' },
  configMaps: new Map([
    ['conf', { COLOR: 'red' }],
    ['gone', undefined],
  ]),
  secrets: new Map([
    ['key', { TOKEN: 's3cret' }],
    ['gone', undefined],
  ]),
}
const field = (fieldPath: string) => ({ fieldRef: { apiVersion: 'v1', fieldPath } })
const resource = (name: string, divisor?: string) => ({
  resourceFieldRef: { resource: name, ...(divisor && { divisor }) },
})

const rows: [title: string, fields: Partial<Container>, wanted: Record<string, string> | string][] = [
  ['nothing', {}, {}],
  [
    'literals, which may refer to those before',
    {
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '$(A)$(C)' },
        { name: 'C', value: '3' },
      ],
    },
    { A: '1', B: '1$(C)', C: '3' },
  ],
  ['a variable without a value', { env: [{ name: 'A' }] }, { A: '' }],
  [
    'fields of the pod',
    {
      env: [
        { name: 'NAME', valueFrom: field('metadata.name') },
        { name: 'UID', valueFrom: field('metadata.uid') },
        { name: 'APP', valueFrom: field("metadata.labels['app']") },
        { name: 'NODE', valueFrom: field('spec.nodeName') },
        { name: 'IP', valueFrom: field('status.podIP') },
        { name: 'HOST_IP', valueFrom: field('status.hostIP') },
      ],
    },
    { NAME: 'crash', UID, APP: 'kubia', NODE: 'node-1', IP: '127.1.1.2', HOST_IP: '127.1.1.1' },
  ],
  [
    'an unknown field',
    { env: [{ name: 'A', valueFrom: field('status.phase') }] },
    'unsupported fieldPath: status.phase',
  ],
  [
    'resources, rounded up; a limit that is not set is the node’s',
    {
      resources: { limits: { cpu: '1500m' }, requests: { memory: '64Mi' } },
      env: [
        { name: 'CPU', valueFrom: resource('limits.cpu') },
        { name: 'MILLIS', valueFrom: resource('limits.cpu', '1m') },
        { name: 'MI', valueFrom: resource('requests.memory', '1Mi') },
        { name: 'MAX', valueFrom: resource('limits.memory', '1Mi') },
      ],
    },
    { CPU: '2', MILLIS: '1500', MI: '64', MAX: '1024' },
  ],
  [
    'entries of a ConfigMap and a Secret',
    {
      env: [
        { name: 'A', valueFrom: { configMapKeyRef: { name: 'conf', key: 'COLOR' } } },
        { name: 'B', valueFrom: { secretKeyRef: { name: 'key', key: 'TOKEN' } } },
      ],
    },
    { A: 'red', B: 's3cret' },
  ],
  [
    'a missing ConfigMap',
    { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'gone', key: 'k' } } }] },
    'configmap "gone" not found',
  ],
  [
    'a missing entry',
    { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'conf', key: 'SIZE' } } }] },
    "couldn't find key SIZE in ConfigMap default/conf",
  ],
  [
    'a missing Secret',
    { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'gone', key: 'k' } } }] },
    'secret "gone" not found',
  ],
  [
    'what is optional may be missing',
    {
      envFrom: [{ configMapRef: { name: 'gone', optional: true } }],
      env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'gone', key: 'k', optional: true } } }],
    },
    {},
  ],
  [
    'whole objects, with a prefix; literals win',
    {
      envFrom: [{ configMapRef: { name: 'conf' } }, { prefix: 'S_', secretRef: { name: 'key' } }],
      env: [{ name: 'COLOR', value: 'not $(COLOR)' }],
    },
    { COLOR: 'not red', S_TOKEN: 's3cret' },
  ],
  ['a missing whole object', { envFrom: [{ secretRef: { name: 'gone' } }] }, 'secret "gone" not found'],
]

for (const [title, fields, wanted] of rows) {
  t.test(title, async (t) => {
    const given = container('c', fields)
    if (typeof wanted === 'string') t.throws(() => containerEnvironment(given, sources), new ConfigError(wanted))
    else t.strictSame(containerEnvironment(given, sources), wanted)
  })
}

t.test('the objects that a container names, each once', async (t) => {
  const given = container('c', {
    envFrom: [{ configMapRef: { name: 'a' } }, { secretRef: { name: 's' } }],
    env: [
      { name: 'A', valueFrom: { configMapKeyRef: { name: 'a', key: 'k' } } },
      { name: 'B', valueFrom: { configMapKeyRef: { name: 'b', key: 'k' } } },
    ],
  })
  t.strictSame(configNames(given), { configMaps: ['a', 'b'], secrets: ['s'] })
})
