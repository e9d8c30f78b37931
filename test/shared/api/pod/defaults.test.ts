import t from 'tap'
import type { Container, PodSpec, Volume } from '../../../../shared/api/pod/pod.ts'
import { type Partly, podOf } from '../../../support/pods.ts'

t.test('every default of a pod', async (t) => {
  const { spec, status } = podOf({ spec: { containers: [{ name: 'c', image: 'x' }] } })
  t.strictSame(spec, {
    containers: [
      {
        name: 'c',
        image: 'x',
        resources: {},
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        imagePullPolicy: 'Always',
      },
    ],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
    enableServiceLinks: true,
  })
  t.strictSame(status, {})
})

const container = (fields: Partly<Container>): Container =>
  podOf({ spec: { containers: [{ name: 'c', image: 'x:1', ...fields }] } }).spec.containers[0]!

t.test('the pull policy follows the tag', async (t) => {
  const policies: [image: string, policy: string][] = [
    ['busybox', 'Always'],
    ['busybox:latest', 'Always'],
    ['busybox:1.36', 'IfNotPresent'],
    ['registry:5000/busybox', 'Always'],
    ['registry:5000/busybox:1', 'IfNotPresent'],
    ['busybox@sha256:0123', 'IfNotPresent'],
    ['busybox:latest@sha256:0123', 'Always'],
  ]
  for (const [image, policy] of policies) t.equal(container({ image }).imagePullPolicy, policy, image)
})

t.test('probes', async (t) => {
  const { livenessProbe } = container({ livenessProbe: { httpGet: { port: 80 }, periodSeconds: 0, timeoutSeconds: 5 } })
  t.strictSame(livenessProbe, {
    httpGet: { port: 80, path: '/', scheme: 'HTTP' },
    timeoutSeconds: 5,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  })
})

t.test('empty is unset where upstream cannot tell, and only there', async (t) => {
  const spec = { restartPolicy: '', schedulerName: '', terminationGracePeriodSeconds: 0 } as unknown as Partly<PodSpec>
  t.match(podOf({ spec }).spec, {
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    terminationGracePeriodSeconds: 0,
  })
})

t.test('ports', async (t) => {
  const ports = [{ containerPort: 80 }, { containerPort: 53, protocol: 'UDP', hostPort: 5353 }] as const
  t.strictSame(container({ ports }).ports, [
    { containerPort: 80, protocol: 'TCP' },
    { containerPort: 53, protocol: 'UDP', hostPort: 5353 },
  ])
  const { spec } = podOf({ spec: { hostNetwork: true, containers: [{ name: 'c', image: 'x:1', ports }] } })
  t.strictSame(
    spec.containers[0]?.ports?.map(({ hostPort }) => hostPort),
    [80, 5353],
  )
})

t.test('requests default to limits', async (t) => {
  const { resources } = container({ resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '100m' } } })
  t.strictSame(resources.requests, { cpu: '100m', memory: '1Gi' })
})

t.test('variables', async (t) => {
  const env = [
    { name: 'A', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
    { name: 'B', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
  ]
  t.strictSame(
    container({ env }).env?.map(({ valueFrom }) => valueFrom),
    [
      { fieldRef: { fieldPath: 'status.podIP', apiVersion: 'v1' } },
      { resourceFieldRef: { resource: 'limits.cpu', divisor: '0' } },
    ],
  )
})

t.test('volumes', async (t) => {
  const sources: [given: Partly<Volume>, wanted: Partly<Volume>][] = [
    [{}, { emptyDir: {} }],
    [{ emptyDir: { medium: 'Memory' } }, { emptyDir: { medium: 'Memory' } }],
    [{ hostPath: { path: '/a' } }, { hostPath: { path: '/a', type: '' } }],
    [{ configMap: { name: 'm' } }, { configMap: { name: 'm', defaultMode: 0o644 } }],
    [{ secret: { secretName: 's', defaultMode: 0 } }, { secret: { secretName: 's', defaultMode: 0 } }],
    [{ downwardAPI: {} }, { downwardAPI: { defaultMode: 0o644 } }],
    [
      { projected: { sources: [{ serviceAccountToken: { path: 't' } }] } },
      { projected: { sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 3600 } }], defaultMode: 0o644 } },
    ],
    [{ image: { reference: 'x:1' } }, { image: { reference: 'x:1', pullPolicy: 'IfNotPresent' } }],
    [
      { rbd: { monitors: ['m'], image: 'i' } },
      { rbd: { monitors: ['m'], image: 'i', pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' } },
    ],
  ]
  for (const [given, wanted] of sources) {
    const { spec } = podOf({ spec: { volumes: [{ name: 'v', ...given }] } })
    t.strictSame(spec.volumes, [{ name: 'v', ...wanted }], JSON.stringify(given))
  }
})

t.test('fields with two names', async (t) => {
  t.match(podOf({ spec: { serviceAccount: 'a' } }).spec, { serviceAccountName: 'a' })
  t.match(podOf({ spec: { serviceAccount: 'a', serviceAccountName: 'b' } }).spec, { serviceAccount: 'b' })
  t.match(podOf({ status: { podIP: '10.0.0.1' } }).status, { podIPs: [{ ip: '10.0.0.1' }] })
  t.match(podOf({ status: { podIPs: [{ ip: '10.0.0.1' }] } }).status, { podIP: '10.0.0.1' })
  const both = podOf({ status: { podIP: '10.0.0.2', podIPs: [{ ip: '10.0.0.1' }, { ip: '::1' }] } })
  t.strictSame(both.status.podIPs, [{ ip: '10.0.0.2' }])
})
