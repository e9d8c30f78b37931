import t from 'tap'
import { decodeValue } from '../../../apiserver/codec/decode.ts'
import { PodTemplateSpec, templateDefaults, validatePodTemplate } from '../../../shared/api/pod-template.ts'

/** A template is part of other kinds; here it is decoded by itself. */
const alone = { group: '', version: 'v1', kind: 'PodTemplateSpec', schema: PodTemplateSpec, defaults: templateDefaults }

const templateOf = (template: object): PodTemplateSpec =>
  decodeValue<PodTemplateSpec>(template, alone, { fieldValidation: 'Strict' }).object

const errorsOf = (template: object): string[] =>
  validatePodTemplate(templateOf(template), 'spec.template').map(({ field, message }) => `${field}: ${message}`)

t.test('a template gets the defaults that do not depend on being a pod', async (t) => {
  const { metadata, spec } = templateOf({
    spec: {
      hostNetwork: true,
      serviceAccount: 'a',
      containers: [{ name: 'c', image: 'x', ports: [{ containerPort: 80 }], resources: { limits: { cpu: '1' } } }],
    },
  })
  t.strictSame(metadata, {})
  t.strictSame(spec, {
    hostNetwork: true,
    serviceAccount: 'a',
    serviceAccountName: 'a',
    containers: [
      {
        name: 'c',
        image: 'x',
        ports: [{ containerPort: 80, protocol: 'TCP' }],
        resources: { limits: { cpu: '1' } },
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
  })
})

t.test('errors name their place in the workload', async (t) => {
  t.strictSame(errorsOf({ spec: { containers: [{ name: 'c', image: 'x' }] } }), [])
  t.strictSame(errorsOf({}), ['spec.template.spec.containers: Required value'])
  t.match(errorsOf({ metadata: { labels: { a: 'b c' } }, spec: { containers: [{ name: 'c', image: 'x' }] } }), [
    /^spec\.template\.labels: Invalid value: "b c": a valid label must be/,
  ])
})

t.test('a template may leave to its pods what they are given', async (t) => {
  const spec = { hostNetwork: true, containers: [{ name: 'c', image: ' ', ports: [{ containerPort: 80 }] }] }
  t.strictSame(errorsOf({ spec }), [])
})
