/** Upstream's rules for names, in upstream's words (`apimachinery/pkg/util/validation`). Each returns what is wrong, or nothing. */

const rule =
  (pattern: RegExp, maxLength: number, description: string, examples: readonly string[]) =>
  (value: string): string[] => {
    const errors: string[] = []
    if (value.length > maxLength) errors.push(`must be no more than ${maxLength} characters`)
    if (!pattern.test(value)) {
      const shown = examples.map((example) => `'${example}'`).join(',  or ')
      const source = pattern.source.slice(1, -1)
      errors.push(`${description} (e.g. ${shown}, regex used for validation is '${source}')`)
    }
    return errors
  }

/** A pattern that must match a whole value; its source is part of the message. */
const whole = (source: string) => new RegExp(`^${source}$`)

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'

/** `metadata.name` of most kinds. */
export const validateSubdomain = rule(
  whole(`${LABEL}(\\.${LABEL})*`),
  253,
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  ['example.com'],
)

/** Names of namespaces and containers. */
export const validateDnsLabel = rule(
  whole(LABEL),
  63,
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  ['my-name', '123-abc'],
)

/** Keys of ConfigMaps and Secrets. */
export function validateConfigKey(key: string): string[] {
  const errors = rule(
    whole('[-._a-zA-Z0-9]+'),
    253,
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
    ['key.name', 'KEY_NAME', 'key-name'],
  )(key)
  if (key === '.') errors.push("must not be '.'")
  if (key === '..') errors.push("must not be '..'")
  else if (key.startsWith('..')) errors.push("must not start with '..'")
  return errors
}

const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const QUALIFIED_RULE =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
const validateNamePart = rule(whole(QUALIFIED), 63, QUALIFIED_RULE, ['MyName', 'my.name', '123-abc'])

/** Keys of labels, annotations, taints and extended resources: a name, with a subdomain and `/` before it or not. */
export function validateQualifiedName(key: string): string[] {
  const parts = key.split('/')
  const [name = '', prefix] = [...parts].reverse()
  if (parts.length > 2) {
    const shown = `a qualified name ${validateNamePart('').join('')}`
    return [`${shown} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`]
  }
  const errors: string[] = []
  if (prefix === '') errors.push('prefix part must be non-empty')
  else if (prefix !== undefined) errors.push(...validateSubdomain(prefix).map((error) => `prefix part ${error}`))
  if (name === '') errors.push('name part must be non-empty')
  errors.push(...validateNamePart(name).map((error) => `name part ${error}`))
  return errors
}

/** Values of labels. */
export const validateLabelValue = rule(
  whole(`(${QUALIFIED})?`),
  63,
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  ['MyValue', 'my_value', '12345'],
)
