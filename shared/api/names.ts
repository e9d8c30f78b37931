/** Upstream's rules for names, in upstream's words (`apimachinery/pkg/util/validation`). Each returns what is wrong, or nothing. */
import type { NameRule } from './kind.ts'

/** A pattern that must match a whole value; its source is part of the message. */
const whole = (source: string) => new RegExp(`^(?:${source})$`)

const tooLong = (maxLength: number) => `must be no more than ${maxLength} characters`

const mismatch = (description: string, source: string, examples: readonly string[]) => {
  const shown = examples.map((example) => `'${example}'`).join(',  or ')
  return `${description} (e.g. ${shown}, regex used for validation is '${source}')`
}

/** A rule made of one pattern and a maximal length. */
const rule = (source: string, maxLength: number, description: string, examples: readonly string[]) => {
  const pattern = whole(source)
  return (value: string): string[] => {
    const errors: string[] = []
    if (value.length > maxLength) errors.push(tooLong(maxLength))
    if (!pattern.test(value)) errors.push(mismatch(description, source, examples))
    return errors
  }
}

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'

/** `metadata.name` of most kinds. */
export const validateSubdomain = rule(
  SUBDOMAIN,
  253,
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  ['example.com'],
)

const labelRule = rule(
  LABEL,
  63,
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  ['my-name', '123-abc'],
)
const subdomainPattern = whole(SUBDOMAIN)
const labelPattern = whole(LABEL)

/** Names of namespaces, containers and volumes. */
export function validateDnsLabel(value: string): string[] {
  if (labelPattern.test(value) || !subdomainPattern.test(value)) return labelRule(value)
  return value.length > 63 ? [tooLong(63), 'must not contain dots'] : ['must not contain dots']
}

/** Names of Services. */
export const validateDns1035Label = rule(
  '[a-z]([-a-z0-9]*[a-z0-9])?',
  63,
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  ['my-name', 'abc-123'],
)

const namePart = rule(
  QUALIFIED,
  63,
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  ['MyName', 'my.name', '123-abc'],
)

/** Keys of labels, annotations and taints, names of finalizers and resources: `name` or `example.com/name`. */
export function validateQualifiedName(value: string): string[] {
  const parts = value.split('/')
  if (parts.length > 2) {
    const description = `a qualified name ${namePart('')[0]}`
    return [`${description} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`]
  }
  const name = parts.at(-1)!
  const errors: string[] = []
  if (parts.length === 2) {
    const prefix = parts[0]!
    const wrong = prefix === '' ? ['must be non-empty'] : validateSubdomain(prefix)
    errors.push(...wrong.map((detail) => `prefix part ${detail}`))
  }
  if (name === '') errors.push('name part must be non-empty')
  errors.push(...namePart(name).map((detail) => `name part ${detail}`))
  return errors
}

/** Values of labels. */
export const validateLabelValue = rule(
  `(${QUALIFIED})?`,
  63,
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  ['MyValue', 'my_value', '12345'],
)

const configKey = rule(
  '[-._a-zA-Z0-9]+',
  253,
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  ['key.name', 'KEY_NAME', 'key-name'],
)

/** A name that becomes a file's must not lead to another directory. */
function directoryErrors(value: string): string[] {
  if (value === '.' || value === '..') return [`must not be '${value}'`]
  return value.startsWith('..') ? ["must not start with '..'"] : []
}

/** Keys of ConfigMaps and Secrets. */
export const validateConfigKey = (key: string): string[] => [...configKey(key), ...directoryErrors(key)]

const printableButEquals = /^[ -<>-~]*$/

/** Names of environment variables: any printable ASCII but `=`, as Kubernetes allows since 1.32. */
export function validateEnvVarName(name: string): string[] {
  const errors: string[] = []
  if (name === '') errors.push('environment variable name must be non-empty')
  if (!printableButEquals.test(name)) {
    errors.push("a valid environment variable name must consist only of printable ASCII characters other than '='")
  }
  return errors
}

/** `envFrom` prefixes and the like: an identifier of the C language. */
export const validateCIdentifier = rule(
  '[A-Za-z_][A-Za-z0-9_]*',
  Number.POSITIVE_INFINITY,
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
  ['my_name', 'MY_NAME', 'MyName'],
)

/** Names of HTTP headers. */
export const validateHttpHeaderName = rule(
  '[-A-Za-z0-9]+',
  Number.POSITIVE_INFINITY,
  "a valid HTTP header must consist of alphanumeric characters or '-'",
  ['X-Header-Name'],
)

/** Names of ports: IANA service names. */
export function validatePortName(name: string): string[] {
  const errors: string[] = []
  if (name.length > 15) errors.push(tooLong(15))
  if (!/^[-a-z0-9]+$/.test(name)) {
    errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  }
  if (!/[a-z]/.test(name)) errors.push('must contain at least one letter (a-z)')
  if (name.includes('--')) errors.push('must not contain consecutive hyphens')
  if (name.startsWith('-') || name.endsWith('-')) errors.push('must not begin or end with a hyphen')
  return errors
}

/** Numbers of ports. */
export const validatePortNumber = (port: number): string[] =>
  Number.isInteger(port) && port >= 1 && port <= 65535 ? [] : ['must be between 1 and 65535, inclusive']

/** A percentage such as `25%`. */
export const validatePercent = rule(
  '[0-9]+%',
  Number.POSITIVE_INFINITY,
  "a valid percent string must be a numeric string followed by an ending '%'",
  ['1%', '93%'],
)

/** What no name may be or hold, whatever its kind: names are segments of URL paths. */
export function validatePathSegment(name: string): string[] {
  if (name === '.' || name === '..') return [`may not be '${name}'`]
  return ['/', '%'].filter((character) => name.includes(character)).map((character) => `may not contain '${character}'`)
}

/** A prefix may end in a dash, since the generated suffix follows it. */
const asPrefix = (rule: (value: string) => string[]): NameRule => {
  return (name, isPrefix) => rule(isPrefix && name.length > 1 && name.endsWith('-') ? `${name.slice(0, -1)}a` : name)
}

/** Rule for `metadata.name` of most kinds. */
export const subdomainName: NameRule = asPrefix(validateSubdomain)

/** Rule for `metadata.name` of Namespaces. */
export const dnsLabelName: NameRule = asPrefix(validateDnsLabel)

/** Rule for `metadata.name` of Services. */
export const dns1035LabelName: NameRule = asPrefix(validateDns1035Label)
