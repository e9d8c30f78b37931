import t from 'tap'
import type { Container, EnvVar } from '../../../../../shared/api/pod/pod.ts'
import { validateEnv, validateEnvFrom } from '../../../../../shared/api/pod/validation/environment.ts'
import { type Partly, podOf } from '../../../../support/pods.ts'

const errorsOf = (fields: Partly<Container>): string[] => {
  const { spec } = podOf({ spec: { containers: [{ name: 'c', image: 'x:1', ...fields }] } })
  const [{ env, envFrom } = {}] = spec.containers
  return [...validateEnv(env, 'env'), ...validateEnvFrom(envFrom, 'envFrom')].map(
    ({ field, message }) => `${field}: ${message}`,
  )
}

const from = (valueFrom: Partly<EnvVar['valueFrom']>, value?: string): Partly<Container> => ({
  env: [{ name: 'A', valueFrom, value }] as Partly<EnvVar[]>,
})

const ENV_FIELDS =
  '"metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"'

const worlds: [title: string, container: Partly<Container>, wanted: string[]][] = [
  ['any printable name', { env: [{ name: 'my.var-1 2' }] }, []],
  ['no name', { env: [{ name: '' }] }, ['env[0].name: Required value']],
  [
    'a name with =',
    { env: [{ name: 'a=b' }] },
    [
      `env[0].name: Invalid value: "a=b": a valid environment variable name must consist only of printable ASCII characters other than '='`,
    ],
  ],
  ['a field', from({ fieldRef: { fieldPath: 'status.hostIP' } }), []],
  ['a label', from({ fieldRef: { fieldPath: "metadata.labels['app']" } }), []],
  ['the former name of a field', from({ fieldRef: { fieldPath: 'spec.host' } }), []],
  [
    'an unknown field',
    from({ fieldRef: { fieldPath: 'spec.nope' } }),
    [
      'env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.nope": error converting fieldPath: field label not supported: spec.nope',
    ],
  ],
  [
    'a field that is no variable',
    from({ fieldRef: { fieldPath: 'metadata.labels' } }),
    [`env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: ${ENV_FIELDS}`],
  ],
  [
    'a resource',
    from({ resourceFieldRef: { resource: 'limits.gpu' } }),
    [
      'env[0].valueFrom.resourceFieldRef.resource: Unsupported value: "limits.gpu": supported values: "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"',
    ],
  ],
  ['a divisor', from({ resourceFieldRef: { resource: 'limits.memory', divisor: '1024Ki' } }), []],
  [
    'a wrong divisor',
    from({ resourceFieldRef: { resource: 'limits.cpu', divisor: '2' } }),
    [
      `env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor's values 1m and 1 are supported with the cpu resource`,
    ],
  ],
  ['a key', from({ secretKeyRef: { name: 's', key: '' } }), ['env[0].valueFrom.secretKeyRef.key: Required value']],
  [
    'no source',
    from({}),
    [
      'env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
    ],
  ],
  [
    'a value as well',
    from({ configMapKeyRef: { name: 'm', key: 'k' } }, 'v'),
    ['env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty'],
  ],
  [
    'two sources',
    from({ configMapKeyRef: { name: 'm', key: 'k' }, secretKeyRef: { name: 's', key: 'k' } }),
    ['env[0].valueFrom: Invalid value: "": may not have more than one field specified at a time'],
  ],
  ['all entries', { envFrom: [{ prefix: 'P_', configMapRef: { name: 'm' } }, { secretRef: { name: 's' } }] }, []],
  ['no entries', { envFrom: [{}] }, ['envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`']],
  ['no name of entries', { envFrom: [{ secretRef: {} }] }, ['envFrom[0].secretRef.name: Required value']],
]

for (const [title, container, wanted] of worlds) {
  t.test(title, async (t) => t.strictSame(errorsOf(container), wanted))
}
