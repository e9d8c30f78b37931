import { type FieldError, forbidden, invalid, required } from '../../../field-errors.ts'
import { validateHttpHeaderName, validatePortName, validatePortNumber } from '../../names.ts'
import type { HTTPGetAction, Lifecycle, LifecycleHandler, Probe } from '../pod.ts'
import { isNotNegative, isOneOf, isSet } from './rules.ts'

function validatePort(port: number | string | undefined, path: string): FieldError[] {
  const details = typeof port === 'string' ? validatePortName(port) : validatePortNumber(port ?? 0)
  return details.map((detail) => invalid(path, port ?? 0, detail))
}

const validateHttpGet = ({ path: urlPath, port, scheme, httpHeaders = [] }: HTTPGetAction, path: string) => [
  ...isSet(`${path}.path`, urlPath),
  ...validatePort(port, `${path}.port`),
  ...isOneOf(`${path}.scheme`, scheme ?? '', ['HTTP', 'HTTPS']),
  ...httpHeaders.flatMap(({ name = '' }) =>
    validateHttpHeaderName(name).map((detail) => invalid(`${path}.httpHeaders`, name, detail)),
  ),
]

/** A pod whose grace period is wrong has that error already. */
function validateSleep(seconds: number, graceSeconds: number | undefined, path: string): FieldError[] {
  if (graceSeconds === undefined || (seconds >= 0 && seconds <= graceSeconds)) return []
  const detail = `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`
  return [invalid(path, seconds, detail)]
}

type Handler = Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'> & LifecycleHandler

/** Exactly one kind of handler. The first in this order is judged, the others are refused. */
function validateHandler(handler: Handler, path: string, graceSeconds: number | undefined): FieldError[] {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler
  const given: [name: string, errors: () => FieldError[]][] = []
  if (exec !== undefined) given.push(['exec', () => (exec.command?.length ? [] : [required(`${path}.exec.command`)])])
  if (httpGet !== undefined) given.push(['httpGet', () => validateHttpGet(httpGet, `${path}.httpGet`)])
  if (tcpSocket !== undefined) given.push(['tcpSocket', () => validatePort(tcpSocket.port, `${path}.tcpSocket.port`)])
  if (grpc !== undefined) given.push(['grpc', () => validatePort(grpc.port, `${path}.grpc.port`)])
  if (sleep !== undefined) given.push(['sleep', () => validateSleep(sleep.seconds ?? 0, graceSeconds, `${path}.sleep`)])
  const [first, ...others] = given
  if (first === undefined) return [required(path, 'must specify a handler type')]
  return [
    ...first[1](),
    ...others.map(([name]) => forbidden(`${path}.${name}`, 'may not specify more than 1 handler type')),
  ]
}

function validateProbe(probe: Probe, path: string): FieldError[] {
  const { terminationGracePeriodSeconds: graceSeconds } = probe
  return [
    ...validateHandler(probe, path, undefined),
    ...isNotNegative(`${path}.initialDelaySeconds`, probe.initialDelaySeconds),
    ...isNotNegative(`${path}.timeoutSeconds`, probe.timeoutSeconds),
    ...isNotNegative(`${path}.periodSeconds`, probe.periodSeconds),
    ...isNotNegative(`${path}.successThreshold`, probe.successThreshold),
    ...isNotNegative(`${path}.failureThreshold`, probe.failureThreshold),
    ...(graceSeconds !== undefined && graceSeconds <= 0
      ? [invalid(`${path}.terminationGracePeriodSeconds`, graceSeconds, 'must be greater than 0')]
      : []),
  ]
}

/** A probe that decides over the container's life succeeds at once. */
const succeedsAtOnce = ({ successThreshold }: Probe, path: string): FieldError[] =>
  successThreshold === 1 ? [] : [invalid(`${path}.successThreshold`, successThreshold ?? 0, 'must be 1')]

const endsNothing = ({ terminationGracePeriodSeconds: graceSeconds }: Probe, path: string): FieldError[] =>
  graceSeconds === undefined
    ? []
    : [invalid(`${path}.terminationGracePeriodSeconds`, graceSeconds, 'must not be set for readinessProbes')]

interface Probes {
  livenessProbe?: Probe
  readinessProbe?: Probe
  startupProbe?: Probe
  lifecycle?: Lifecycle
}

/** Errors of a container's probes and of its actions at start and end. `graceSeconds`: the pod's grace period. */
export function validateProbes(container: Probes, path: string, graceSeconds: number | undefined): FieldError[] {
  const { lifecycle, livenessProbe, readinessProbe, startupProbe } = container
  const errors: FieldError[] = []
  for (const moment of ['postStart', 'preStop'] as const) {
    const handler = lifecycle?.[moment]
    if (handler !== undefined) errors.push(...validateHandler(handler, `${path}.lifecycle.${moment}`, graceSeconds))
  }
  const judge = (name: string, probe: Probe | undefined, rule: (probe: Probe, path: string) => FieldError[]) => {
    if (probe !== undefined) errors.push(...validateProbe(probe, `${path}.${name}`), ...rule(probe, `${path}.${name}`))
  }
  judge('livenessProbe', livenessProbe, succeedsAtOnce)
  judge('readinessProbe', readinessProbe, endsNothing)
  judge('startupProbe', startupProbe, succeedsAtOnce)
  return errors
}
