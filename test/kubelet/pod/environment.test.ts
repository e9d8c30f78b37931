import t from 'tap'
import {
  ConfigError,
  configNames,
  containerEnvironment,
  type EnvironmentSources,
} from '../../../kubelet/pod/environment.ts'
import { expand } from '../../../kubelet/pod/expand.ts'
import { serviceVariables } from '../../../kubelet/pod/service-variables.ts'
import type { Container } from '../../../shared/api/pod/pod.ts'
import type { Service } from '../../../shared/api/service/service.ts'
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
  services: [],
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

const service = (name: string, namespace: string, spec: object) =>
  ({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec }) as unknown as Service
const web = service('my-web', 'default', {
  clusterIP: '10.96.0.7',
  ports: [
    { name: 'http', port: 80 },
    { name: 'dns.u', port: 53, protocol: 'UDP' },
  ],
})
const api = service('kubernetes', 'default', { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443 }] })
const API_VARIABLES = {
  KUBERNETES_SERVICE_HOST: '10.96.0.1',
  KUBERNETES_SERVICE_PORT: '443',
  KUBERNETES_SERVICE_PORT_HTTPS: '443',
  KUBERNETES_PORT: 'tcp://10.96.0.1:443',
  KUBERNETES_PORT_443_TCP: 'tcp://10.96.0.1:443',
  KUBERNETES_PORT_443_TCP_PROTO: 'tcp',
  KUBERNETES_PORT_443_TCP_PORT: '443',
  KUBERNETES_PORT_443_TCP_ADDR: '10.96.0.1',
}

t.test('where Services are', async (t) => {
  const of = (services: Service[], namespace = 'default', enableServiceLinks = true) =>
    serviceVariables(services, { namespace, enableServiceLinks })
  t.strictSame(of([web]), {
    MY_WEB_SERVICE_HOST: '10.96.0.7',
    MY_WEB_SERVICE_PORT: '80',
    MY_WEB_SERVICE_PORT_HTTP: '80',
    MY_WEB_SERVICE_PORT_DNS_U: '53',
    MY_WEB_PORT: 'tcp://10.96.0.7:80',
    MY_WEB_PORT_80_TCP: 'tcp://10.96.0.7:80',
    MY_WEB_PORT_80_TCP_PROTO: 'tcp',
    MY_WEB_PORT_80_TCP_PORT: '80',
    MY_WEB_PORT_80_TCP_ADDR: '10.96.0.7',
    MY_WEB_PORT_53_UDP: 'udp://10.96.0.7:53',
    MY_WEB_PORT_53_UDP_PROTO: 'udp',
    MY_WEB_PORT_53_UDP_PORT: '53',
    MY_WEB_PORT_53_UDP_ADDR: '10.96.0.7',
  })
  t.strictSame(of([web, api], 'elsewhere'), API_VARIABLES, 'the API server, from every namespace')
  t.strictSame(of([web, api], 'default', false), API_VARIABLES, 'links are not wanted')
  const ports = [{ port: 1 }]
  const own = service('kubernetes', 'elsewhere', { clusterIP: '10.96.0.9', ports })
  t.match(of([api, own], 'elsewhere'), { KUBERNETES_SERVICE_HOST: '10.96.0.9' })
  t.match(of([api, own], 'elsewhere', false), { KUBERNETES_SERVICE_HOST: '10.96.0.1' })
  t.strictSame(of([service('headless', 'default', { clusterIP: 'None', ports })]), {})
  t.strictSame(of([service('external', 'default', { ports })]), {})
  t.match(of([service('2nd', 'default', { clusterIP: 'fd00::1', ports })]), {
    _2ND_SERVICE_HOST: 'fd00::1',
    _2ND_PORT: 'tcp://[fd00::1]:1',
  })
})

t.test('variables of Services give way to the spec, which may refer to them', async (t) => {
  const env = [
    { name: 'URL', value: 'http://$(MY_WEB_SERVICE_HOST)' },
    { name: 'MY_WEB_PORT', value: 'mine' },
  ]
  t.match(containerEnvironment(container('c', { env }), { ...sources, services: [web] }), {
    URL: 'http://10.96.0.7',
    MY_WEB_PORT: 'mine',
    MY_WEB_SERVICE_PORT: '80',
  })
})

t.test('keys that no shell knows as names become variables as well', async (t) => {
  const configMaps = new Map([['odd', { 'a.b-c': '1', '2x': '2' }]])
  const given = container('c', { envFrom: [{ configMapRef: { name: 'odd' } }] })
  t.strictSame(containerEnvironment(given, { ...sources, configMaps }), { 'a.b-c': '1', '2x': '2' })
})
