import { choice, field, int32, int64, intOrString, list, object, type Static, text } from '../schema.ts'
import { coreModel } from './core-model.ts'

export const ExecAction = object(coreModel('ExecAction'), 'Runs a program in the container.', {
  command: list(
    text('Program or argument.'),
    'Program and arguments, run without a shell in the root directory. Exit code 0 is success.',
    { type: 'atomic' },
  ),
})
export type ExecAction = Static<typeof ExecAction>

export const HTTPHeader = object(
  coreModel('HTTPHeader'),
  'A header of an HTTP request.',
  {
    name: text('Name of the header; sent in its canonical form.'),
    value: text('Value of the header.'),
  },
  { required: ['name', 'value'] },
)

export const HTTPGetAction = object(
  coreModel('HTTPGetAction'),
  'Sends an HTTP GET request. A status from 200 to 399 is success.',
  {
    path: text('Path, and query, of the request.', { default: '/' }),
    port: intOrString('Port number from 1 to 65535, or the name of a port of the container.'),
    host: text('Host to connect to. Default: the IP of the pod. To name a virtual host, set a `Host` header.'),
    scheme: choice('Protocol; HTTPS does not verify the certificate.', ['HTTP', 'HTTPS'], { default: 'HTTP' }),
    httpHeaders: list(HTTPHeader, 'Headers of the request; a name may occur more than once.', { type: 'atomic' }),
  },
  { required: ['path', 'port', 'scheme'] },
)
export type HTTPGetAction = Static<typeof HTTPGetAction>

export const TCPSocketAction = object(
  coreModel('TCPSocketAction'),
  'Opens a TCP connection. That it opens is success.',
  {
    port: intOrString('Port number from 1 to 65535, or the name of a port of the container.'),
    host: text('Host to connect to. Default: the IP of the pod.'),
  },
  { required: ['port'] },
)
export type TCPSocketAction = Static<typeof TCPSocketAction>

export const GRPCAction = object(
  coreModel('GRPCAction'),
  'Asks the gRPC health service. The answer SERVING is success.',
  {
    port: int32('Port number from 1 to 65535.'),
    service: text('Name of the service to ask about; empty for the server as a whole.', { default: '' }),
  },
  { required: ['port'] },
)
export type GRPCAction = Static<typeof GRPCAction>

/** What an unset field of a probe means. */
export const PROBE_DEFAULTS = {
  timeoutSeconds: 1,
  periodSeconds: 10,
  successThreshold: 1,
  failureThreshold: 3,
} as const

export const Probe = object(
  coreModel('Probe'),
  'A check that the kubelet makes again and again. It has exactly one handler.',
  {
    exec: field(ExecAction, 'Runs a program in the container.'),
    httpGet: field(HTTPGetAction, 'Sends an HTTP request.'),
    tcpSocket: field(TCPSocketAction, 'Opens a TCP connection.'),
    grpc: field(GRPCAction, 'Asks a gRPC health service.'),
    initialDelaySeconds: int32('Seconds from the start of the container to the first check. Default: 0.'),
    timeoutSeconds: int32('Seconds after which a check without an answer has failed. At least 1.', {
      default: PROBE_DEFAULTS.timeoutSeconds,
      zeroIsUnset: true,
    }),
    periodSeconds: int32('Seconds between checks. At least 1.', {
      default: PROBE_DEFAULTS.periodSeconds,
      zeroIsUnset: true,
    }),
    successThreshold: int32(
      'Successes in a row after a failure that count as success. At least 1; exactly 1 for liveness and startup.',
      { default: PROBE_DEFAULTS.successThreshold, zeroIsUnset: true },
    ),
    failureThreshold: int32('Failures in a row after a success that count as failure. At least 1.', {
      default: PROBE_DEFAULTS.failureThreshold,
      zeroIsUnset: true,
    }),
    terminationGracePeriodSeconds: int64(
      'Seconds that the container has to end after this probe failed, instead of the period of the pod. Not for readiness.',
    ),
  },
  { required: ['timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] },
)
export type Probe = Static<typeof Probe>
