import t from 'tap'
import { podTarget, serviceTarget } from '../../../apiserver/registry/proxy-target.ts'
import type { Pod } from '../../../shared/api/pod/pod.ts'
import type { Service } from '../../../shared/api/service/service.ts'

const pod = (podIP: string, hostIP: string) =>
  ({
    metadata: { name: 'web' },
    spec: { containers: [{ name: 'main', ports: [{ containerPort: 8080 }] }] },
    status: { podIP, hostIP, conditions: [{ type: 'Ready', status: 'True' }] },
  }) as unknown as Pod
const wanted = { isTls: false, name: 'web', port: '' }

t.test('a loopback address is a pod’s on its own machine alone', async (t) => {
  const near = pod('127.9.1.2', '127.9.1.1')
  const far = pod('127.9.128.2', '192.0.2.8')
  t.match(podTarget(near, wanted), { host: '127.9.1.2', port: 8080 })
  t.match(podTarget(pod('10.9.128.2', '192.0.2.8'), wanted), { host: '10.9.128.2' })
  t.throws(() => podTarget(far, wanted), { reason: 'BadRequest', message: /runs on another machine/ })
  const service = { metadata: { name: 'web' }, spec: { ports: [{ port: 80, targetPort: 8080 }] } } as unknown as Service
  for (const random of [0, 0.99])
    t.match(serviceTarget(service, wanted, { pods: [far, near], random }), { host: '127.9.1.2' }, 'one within reach')
  t.throws(() => serviceTarget(service, wanted, { pods: [far], random: 0 }), { message: /no endpoints available/ })
})
