import { type FieldError, invalid, required } from '../../../field-errors.ts'
import { validateSubdomain } from '../../names.ts'
import type { PodSpec } from '../pod.ts'
import { forEach, isIpAddress, obeys } from './rules.ts'

/** What resolvers of Linux can take. */
const MAX_NAMESERVERS = 3
const MAX_SEARCHES = 32
const MAX_SEARCH_CHARACTERS = 2048

/** Underscores are allowed where a pod is not the one who owns the name. */
const validateSearch = (search: string): string[] => validateSubdomain(search.replaceAll('_', 'a'))

/** Without a policy's name servers, the pod brings its own. */
function validateOwnServers({ dnsPolicy, dnsConfig }: PodSpec, path: string): FieldError[] {
  if (dnsPolicy !== 'None') return []
  if (dnsConfig === undefined) return [required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')]
  if (dnsConfig.nameservers?.length) return []
  const detail = 'must provide at least one DNS nameserver when `dnsPolicy` is None'
  return [required(`${path}.nameservers`, detail)]
}

export function validateDnsConfig(spec: PodSpec, path: string): FieldError[] {
  const missing = validateOwnServers(spec, path)
  if (missing.length > 0) return missing
  const { nameservers = [], searches = [], options = [] } = spec.dnsConfig ?? {}
  const tooMany = (field: string, value: readonly string[], detail: string) =>
    invalid(`${path}.${field}`, value, `must not have more than ${detail}`)
  const errors: FieldError[] = []
  if (nameservers.length > MAX_NAMESERVERS)
    errors.push(tooMany('nameservers', nameservers, `${MAX_NAMESERVERS} nameservers`))
  errors.push(...forEach(nameservers, `${path}.nameservers`, (server, each) => isIpAddress(each, server)))
  if (searches.length > MAX_SEARCHES) errors.push(tooMany('searches', searches, `${MAX_SEARCHES} search paths`))
  if (searches.join(' ').length > MAX_SEARCH_CHARACTERS) {
    const detail = `${MAX_SEARCH_CHARACTERS} characters (including spaces) in the search list`
    errors.push(tooMany('searches', searches, detail))
  }
  return [
    ...errors,
    ...forEach(searches, `${path}.searches`, (search, each) =>
      search === '.' ? [] : obeys(each, search.replace(/\.$/, ''), validateSearch),
    ),
    ...forEach(options, `${path}.options`, ({ name }, each) => (name ? [] : [required(each, 'must not be empty')])),
  ]
}

export const validateHostAliases = (aliases: PodSpec['hostAliases'], path: string): FieldError[] =>
  forEach(aliases, path, ({ ip, hostnames }, each) => [
    ...isIpAddress(`${each}.ip`, ip),
    ...forEach(hostnames, `${each}.hostnames`, (name, each) => obeys(each, name, validateSubdomain)),
  ])
