/** Variables that tell a container where Services are: upstream's `envvars.FromServices`. Pure. */
import type { Service } from '../../shared/api/service/service.ts'
import { joinHostPort } from '../../shared/host-port.ts'

/** The Service by which every pod finds the API server, whatever its namespace. */
const API_SERVICE = { namespace: 'default', name: 'kubernetes' }

/** `my-db.v1` as a variable's name: `MY_DB_V1`. */
function variableName(text: string): string {
  const name = text.toUpperCase().replaceAll(/[-.]/g, '_')
  return /^\d/.test(name) ? `_${name}` : name
}

/** The variables of one Service; none where it has no address of its own. */
function variablesOf({ metadata, spec }: Service): Record<string, string> {
  const { clusterIP = '', ports = [] } = spec
  const [first] = ports
  if (clusterIP === '' || clusterIP === 'None' || first === undefined) return {}
  const prefix = variableName(metadata.name)
  const url = (protocol: string, port: number) => `${protocol}://${joinHostPort(clusterIP, port)}`
  const variables: Record<string, string> = {
    [`${prefix}_SERVICE_HOST`]: clusterIP,
    [`${prefix}_SERVICE_PORT`]: String(first.port),
    [`${prefix}_PORT`]: url((first.protocol ?? 'TCP').toLowerCase(), first.port),
  }
  for (const { name, port, protocol = 'TCP' } of ports) {
    if (name) variables[`${prefix}_SERVICE_PORT_${variableName(name)}`] = String(port)
    const ofPort = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`
    variables[ofPort] = url(protocol.toLowerCase(), port)
    variables[`${ofPort}_PROTO`] = protocol.toLowerCase()
    variables[`${ofPort}_PORT`] = String(port)
    variables[`${ofPort}_ADDR`] = clusterIP
  }
  return variables
}

/**
 * The variables of a pod in `namespace`: of the Services there, unless `enableServiceLinks` is false, and always of the
 * API server's, which one of the same name in the pod's own namespace takes the place of.
 */
export function serviceVariables(
  services: readonly Service[],
  { namespace, enableServiceLinks }: { namespace: string; enableServiceLinks: boolean },
): Record<string, string> {
  const isApi = ({ metadata }: Service) =>
    metadata.namespace === API_SERVICE.namespace && metadata.name === API_SERVICE.name
  const own = enableServiceLinks ? services.filter(({ metadata }) => metadata.namespace === namespace) : []
  const hasOwnApi = own.some(({ metadata }) => metadata.name === API_SERVICE.name)
  const chosen = hasOwnApi ? own : [...services.filter(isApi), ...own]
  return Object.assign({}, ...chosen.map(variablesOf))
}
