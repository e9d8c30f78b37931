/** Which log a request means: pure, from the pod, its node and the query. */
import type { Node } from '../../shared/api/node/node.ts'
import type { Pod } from '../../shared/api/pod/pod.ts'
import { ApiError, badRequest, invalid } from '../../shared/errors.ts'
import { type FieldError, forbidden, invalid as invalidField } from '../../shared/field-errors.ts'

/** The query of a log request, as clients write it. */
export type LogQuery = Readonly<Partial<Record<LogParameter, string>>>

const PARAMETERS = [
  'container',
  'follow',
  'previous',
  'timestamps',
  'sinceSeconds',
  'sinceTime',
  'tailLines',
  'limitBytes',
  // Beyond upstream: one of the runs whose logs are kept, by its number, or a list of them.
  'instance',
  'instances',
] as const
export type LogParameter = (typeof PARAMETERS)[number]
export const LOG_PARAMETERS: readonly LogParameter[] = PARAMETERS

const namesOf = (containers: readonly { name: string }[] | undefined) => (containers ?? []).map(({ name }) => name)

/** The container whose log is meant. Throws a BadRequest ApiError where the request leaves it open or is wrong. */
export function chooseContainer({ metadata, spec }: Pod, wanted: string | undefined): string {
  const containers = namesOf(spec.containers)
  const initContainers = namesOf(spec.initContainers)
  const ephemeral = namesOf(spec.ephemeralContainers)
  if (wanted) {
    if ([...containers, ...initContainers, ...ephemeral].includes(wanted)) return wanted
    throw badRequest(`container ${wanted} is not valid for pod ${metadata.name}`)
  }
  if (containers.length === 1) return containers[0]!
  const choices = [
    `a container name must be specified for pod ${metadata.name}, choose one of: [${containers.join(' ')}]`,
    ...(initContainers.length > 0 ? [` or one of the init containers: [${initContainers.join(' ')}]`] : []),
    ...(ephemeral.length > 0 ? [` or one of the ephemeral containers: [${ephemeral.join(' ')}]`] : []),
  ]
  throw badRequest(choices.join(''))
}

/** Refuses impossible options. */
export function validateLogQuery(name: string, query: LogQuery): void {
  const errors: FieldError[] = []
  const check = (field: LogParameter, min: number, detail: string) => {
    const text = query[field]
    if (text === undefined || text === '') return
    if (!/^-?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
    if (Number(text) < min) errors.push(invalidField(field, Number(text), detail))
  }
  check('tailLines', 0, 'must be greater than or equal to 0')
  check('limitBytes', 1, 'must be greater than 0')
  check('sinceSeconds', 1, 'must be greater than 0')
  check('instance', 0, 'must be greater than or equal to 0')
  if (query.instance !== undefined && query.previous === 'true')
    errors.push(forbidden('previous', 'at most one of `previous` or `instance` may be specified'))
  if (query.sinceSeconds !== undefined && query.sinceTime !== undefined)
    errors.push(forbidden('', 'at most one of `sinceTime` or `sinceSeconds` may be specified'))
  if (errors.length > 0) throw invalid({ group: '', resource: 'PodLogOptions', name }, errors)
}

/** Where a node's kubelet serves. Throws where the node has not said. */
export function kubeletAddressOf({ metadata, status }: Node): { host: string; port: number } {
  const host = status?.addresses?.find(({ type }) => type === 'InternalIP')?.address
  const port = status?.daemonEndpoints?.kubeletEndpoint?.Port
  if (host === undefined || port === undefined)
    throw new ApiError(500, '', `no preferred addresses found; known addresses: [] (node ${metadata.name})`)
  return { host, port }
}

/** The kubelet's path of a container's log. */
export function logPathOf({ metadata }: Pod, container: string, query: LogQuery): string {
  const parameters = new URLSearchParams()
  for (const name of LOG_PARAMETERS) if (name !== 'container' && query[name]) parameters.set(name, query[name])
  const path = [metadata.namespace!, metadata.name, container].map(encodeURIComponent).join('/')
  const text = parameters.toString()
  return `/containerLogs/${path}${text === '' ? '' : `?${text}`}`
}
