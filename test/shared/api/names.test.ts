import t from 'tap'
import * as names from '../../../shared/api/names.ts'

const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const QUALIFIED =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const LABEL_VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
const CONFIG_KEY =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"

type Row = [validate: (name: string) => string[], name: string, wanted: readonly string[]]
const rows: Row[] = [
  [names.validateSubdomain, 'kubia', []],
  [names.validateSubdomain, 'a.b-c.d', []],
  [names.validateSubdomain, 'a\n', [SUBDOMAIN]],
  [names.validateSubdomain, 'Bad_Name', [SUBDOMAIN]],
  [names.validateSubdomain, 'a..b', [SUBDOMAIN]],
  [names.validateSubdomain, '', [SUBDOMAIN]],
  [names.validateSubdomain, 'a'.repeat(254), ['must be no more than 253 characters']],
  [names.validateDnsLabel, 'kube-system', []],
  [names.validateDnsLabel, 'a.b', ['must not contain dots']],
  [names.validateDnsLabel, '-a', [LABEL]],
  [names.validateDnsLabel, 'a'.repeat(64), ['must be no more than 63 characters']],
  [names.validateDns1035Label, 'web', []],
  [
    names.validateDns1035Label,
    '1web',
    [
      "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
    ],
  ],
  [names.validateQualifiedName, 'app', []],
  [names.validateQualifiedName, 'example.com/App_1', []],
  [names.validateQualifiedName, '', ['name part must be non-empty', `name part ${QUALIFIED}`]],
  [names.validateQualifiedName, '/a', ['prefix part must be non-empty']],
  [names.validateQualifiedName, 'A/a', [`prefix part ${SUBDOMAIN}`]],
  [names.validateQualifiedName, 'a!', [`name part ${QUALIFIED}`]],
  [names.validateQualifiedName, 'x'.repeat(64), ['name part must be no more than 63 characters']],
  [
    names.validateQualifiedName,
    'a/b/c',
    [`a qualified name ${QUALIFIED} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`],
  ],
  [names.validateLabelValue, '', []],
  [names.validateLabelValue, 'A_b.c-1', []],
  [names.validateLabelValue, 'not ok!', [LABEL_VALUE]],
  [names.validateLabelValue, 'x'.repeat(64), ['must be no more than 63 characters']],
  [names.validateConfigKey, 'a.B_c-1', []],
  [names.validateConfigKey, '__proto__', []],
  [names.validateConfigKey, 'a b', [CONFIG_KEY]],
  [names.validateConfigKey, '.', ["must not be '.'"]],
  [names.validateConfigKey, '..', ["must not be '..'"]],
  [names.validateConfigKey, '..a', ["must not start with '..'"]],
  [names.validateEnvVarName, 'MY_VAR', []],
  [names.validateEnvVarName, '1 odd:name', []],
  [
    names.validateEnvVarName,
    'a=b',
    ["a valid environment variable name must consist only of printable ASCII characters other than '='"],
  ],
  [names.validateEnvVarName, '', ['environment variable name must be non-empty']],
  [names.validateCIdentifier, '_a1', []],
  [
    names.validateCIdentifier,
    '1a',
    [
      "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')",
    ],
  ],
  [names.validateHttpHeaderName, 'X-Probe', []],
  [names.validatePortName, 'http-1', []],
  [names.validatePortName, '80', ['must contain at least one letter (a-z)']],
  [
    names.validatePortName,
    '-A--',
    [
      'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
      'must contain at least one letter (a-z)',
      'must not contain consecutive hyphens',
      'must not begin or end with a hyphen',
    ],
  ],
  [names.validatePortName, 'a-name-too-long-for-it', ['must be no more than 15 characters']],
  [names.validatePercent, '25%', []],
  [names.validatePathSegment, 'kubia.17b2c', []],
  [names.validatePathSegment, '..', ["may not be '..'"]],
  [names.validatePathSegment, 'a/b%', ["may not contain '/'", "may not contain '%'"]],
]

t.test('rules for names', async (t) => {
  for (const [validate, name, wanted] of rows) {
    t.same(validate(name), wanted, JSON.stringify(name.slice(0, 30)))
  }
})

t.test('ports', async (t) => {
  for (const port of [1, 80, 65535]) t.same(names.validatePortNumber(port), [])
  for (const port of [0, -1, 65536, 1.5]) {
    t.same(names.validatePortNumber(port), ['must be between 1 and 65535, inclusive'])
  }
})

t.test('a prefix may end in a dash, a name may not', async (t) => {
  t.same(names.subdomainName('kubia-', true), [])
  t.same(names.subdomainName('kubia-', false), [SUBDOMAIN])
  t.same(names.subdomainName('-', true), [SUBDOMAIN])
  t.same(names.dnsLabelName('team-', true), [])
  t.same(names.dnsLabelName('team.a-', true), ['must not contain dots'])
})
