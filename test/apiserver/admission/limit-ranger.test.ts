import t from 'tap'
import { limitRanger } from '../../../apiserver/admission/limit-ranger.ts'
import type { KubeObject } from '../../../shared/api/kind.ts'
import type { LimitRange } from '../../../shared/api/limit-range.ts'
import { type Pod, pod } from '../../../shared/api/pod/pod.ts'
import { admissionRequest, admissionWorld } from './world.ts'

const run = (limits: object[], containers: object[], extra: object = {}): Pod => {
  const object = {
    metadata: { name: 'x' },
    spec: { containers: structuredClone(containers), ...extra },
  } as unknown as Pod
  const ranges = [{ metadata: {}, spec: { limits } }] as unknown as LimitRange[]
  limitRanger.admit(
    admissionRequest(pod, { namespace: 'ns', object: object as KubeObject }),
    admissionWorld({ limitRanges: () => ranges }),
  )
  return object
}
const container = (requests?: object, limits?: object, name = 'c') => ({
  name,
  image: 'i',
  resources: { requests, limits },
})

t.test('what is left out is filled in', async (t) => {
  const limit = { type: 'Container', default: { cpu: '1', memory: '1Gi' }, defaultRequest: { cpu: '500m' } }
  const object = run([limit], [container({ cpu: '1' }), { name: 'bare' }], { initContainers: [{ name: 'first' }] })
  t.strictSame(
    object.spec.containers.map(({ resources }) => resources),
    [
      { requests: { cpu: '1' }, limits: { cpu: '1', memory: '1Gi' } },
      { requests: { cpu: '500m' }, limits: { cpu: '1', memory: '1Gi' } },
    ],
  )
  t.equal(
    object.metadata.annotations?.['kubernetes.io/limit-ranger'],
    'LimitRanger plugin set: cpu, memory limit for container c; cpu request for container bare; cpu, memory limit for container bare; cpu request for init container first; cpu, memory limit for init container first',
  )
  t.equal(run([], [container()]).metadata.annotations, undefined)
})

t.test('bounds', async (t) => {
  const cases: [title: string, limit: object, containers: object[], message: string | undefined][] = [
    ['enough', { type: 'Container', min: { cpu: '1' } }, [container({ cpu: '1000m' })], undefined],
    [
      'too little',
      { type: 'Container', min: { cpu: '1' } },
      [container({ cpu: '1m' })],
      'minimum cpu usage per Container is 1, but request is 1m',
    ],
    [
      'no request',
      { type: 'Container', min: { cpu: '1' } },
      [container()],
      'minimum cpu usage per Container is 1.  No request is specified',
    ],
    [
      'too low a limit',
      { type: 'Container', min: { cpu: '1' } },
      [container({ cpu: '1' }, { cpu: '1m' })],
      'minimum cpu usage per Container is 1, but limit is 1m',
    ],
    [
      'no limit',
      { type: 'Container', max: { cpu: '1' } },
      [container()],
      'maximum cpu usage per Container is 1.  No limit is specified',
    ],
    [
      'too high a limit',
      { type: 'Container', max: { cpu: '1' } },
      [container({}, { cpu: '2' })],
      'maximum cpu usage per Container is 1, but limit is 2',
    ],
    [
      'ratio',
      { type: 'Container', maxLimitRequestRatio: { cpu: '2' } },
      [container({ cpu: '1' }, { cpu: '3' })],
      'cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000',
    ],
    [
      'ratio kept',
      { type: 'Container', maxLimitRequestRatio: { cpu: '2' } },
      [container({ cpu: '1' }, { cpu: '2' })],
      undefined,
    ],
    [
      'a pod as a whole',
      { type: 'Pod', max: { cpu: '3' } },
      [container({}, { cpu: '2' }), container({}, { cpu: '2' }, 'd')],
      'maximum cpu usage per Pod is 3, but limit is 4',
    ],
    [
      'of two',
      { type: 'Container', min: { cpu: '1', memory: '1Gi' } },
      [container()],
      '[minimum cpu usage per Container is 1.  No request is specified, minimum memory usage per Container is 1Gi.  No request is specified]',
    ],
    ['claims are no pods', { type: 'PersistentVolumeClaim', min: { storage: '1Gi' } }, [container()], undefined],
  ]
  for (const [title, limit, containers, message] of cases)
    if (message === undefined) t.doesNotThrow(() => run([limit], containers), title)
    else t.throws(() => run([limit], containers), { code: 403, message: `pods "x" is forbidden: ${message}` }, title)
})
