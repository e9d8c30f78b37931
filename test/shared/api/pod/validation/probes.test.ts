import t from 'tap'
import type { Container } from '../../../../../shared/api/pod/pod.ts'
import { validateProbes } from '../../../../../shared/api/pod/validation/probes.ts'
import { type Partly, podOf } from '../../../../support/pods.ts'

const GRACE_SECONDS = 30

const errorsOf = (fields: Partly<Container>): string[] => {
  const { spec } = podOf({ spec: { containers: [{ name: 'c', image: 'x:1', ...fields }] } })
  return validateProbes(spec.containers[0]!, 'c', GRACE_SECONDS).map(({ field, message }) => `${field}: ${message}`)
}

const exec = { command: ['true'] }

const worlds: [title: string, container: Partly<Container>, wanted: string[]][] = [
  ['each handler', { livenessProbe: { exec }, readinessProbe: { httpGet: { port: 'http' } } }, []],
  ['gRPC', { startupProbe: { grpc: { port: 1 } }, readinessProbe: { tcpSocket: { port: 2 } } }, []],
  ['no handler', { livenessProbe: {} }, ['c.livenessProbe: Required value: must specify a handler type']],
  [
    'two handlers, the first of them wrong',
    { livenessProbe: { httpGet: { port: 99999 }, tcpSocket: { port: 1 } } },
    [
      'c.livenessProbe.httpGet.port: Invalid value: 99999: must be between 1 and 65535, inclusive',
      'c.livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type',
    ],
  ],
  ['no command', { livenessProbe: { exec: {} } }, ['c.livenessProbe.exec.command: Required value']],
  [
    'the name of a port',
    { livenessProbe: { httpGet: { port: 'no_port' } } },
    [
      'c.livenessProbe.httpGet.port: Invalid value: "no_port": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
    ],
  ],
  [
    'a scheme',
    { livenessProbe: { httpGet: { port: 1, scheme: 'GOPHER' as never } } },
    ['c.livenessProbe.httpGet.scheme: Unsupported value: "GOPHER": supported values: "HTTP", "HTTPS"'],
  ],
  [
    'a header',
    { livenessProbe: { httpGet: { port: 1, httpHeaders: [{ name: 'a b', value: '' }] } } },
    [
      `c.livenessProbe.httpGet.httpHeaders: Invalid value: "a b": a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')`,
    ],
  ],
  [
    'negative times',
    { readinessProbe: { exec, initialDelaySeconds: -1, periodSeconds: -2 } },
    [
      'c.readinessProbe.initialDelaySeconds: Invalid value: -1: must be greater than or equal to 0',
      'c.readinessProbe.periodSeconds: Invalid value: -2: must be greater than or equal to 0',
    ],
  ],
  [
    'more than one success',
    {
      livenessProbe: { exec, successThreshold: 2 },
      readinessProbe: { exec, successThreshold: 2 },
      startupProbe: { exec, successThreshold: 3 },
    },
    [
      'c.livenessProbe.successThreshold: Invalid value: 2: must be 1',
      'c.startupProbe.successThreshold: Invalid value: 3: must be 1',
    ],
  ],
  [
    'grace periods',
    {
      livenessProbe: { exec, terminationGracePeriodSeconds: 0 },
      readinessProbe: { exec, terminationGracePeriodSeconds: 1 },
    },
    [
      'c.livenessProbe.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0',
      'c.readinessProbe.terminationGracePeriodSeconds: Invalid value: 1: must not be set for readinessProbes',
    ],
  ],
  [
    'actions',
    { lifecycle: { postStart: {}, preStop: { sleep: { seconds: 31 } } } },
    [
      'c.lifecycle.postStart: Required value: must specify a handler type',
      'c.lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)',
    ],
  ],
]

for (const [title, container, wanted] of worlds) {
  t.test(title, async (t) => t.strictSame(errorsOf(container), wanted))
}
