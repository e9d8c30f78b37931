import t from 'tap'
import type { PodSpec, ResourceRequirements } from '../../../../shared/api/pod/pod.ts'
import { qosClassOf } from '../../../../shared/api/pod/qos-class.ts'
import { podOf } from '../../../support/pods.ts'

const of = (...resources: ResourceRequirements[]): PodSpec =>
  podOf({
    spec: { containers: resources.map((each, index) => ({ name: `c${index}`, image: 'x:1', resources: each })) },
  }).spec

const full = { cpu: '1', memory: '1Gi' }

const worlds: [title: string, spec: PodSpec, wanted: string][] = [
  ['nothing', of({}), 'BestEffort'],
  ['zero', of({ requests: { cpu: '0' } }), 'BestEffort'],
  ['only storage', of({ limits: { 'ephemeral-storage': '1Gi' } }), 'BestEffort'],
  ['limits for both', of({ limits: full }), 'Guaranteed'],
  ['the same in other words', of({ limits: full, requests: { cpu: '1000m', memory: '1024Mi' } }), 'Guaranteed'],
  ['requests below limits', of({ limits: full, requests: { cpu: '500m' } }), 'Burstable'],
  ['a limit for one', of({ limits: { cpu: '1' } }), 'Burstable'],
  ['requests alone', of({ requests: full }), 'Burstable'],
  ['two containers with limits', of({ limits: full }, { limits: full }), 'Guaranteed'],
  ['one of two', of({ limits: full }, {}), 'Burstable'],
  ['no quantity', of({ requests: {} }), 'BestEffort'],
  ['of the pod', { ...of({}), resources: { limits: full, requests: full } }, 'Guaranteed'],
]

for (const [title, spec, wanted] of worlds) {
  t.test(title, async (t) => t.equal(qosClassOf(spec), wanted))
}
