/** Requests at random: whatever is sent, the answer is a good one or a Status, and the server serves on. */
import fc from 'fast-check'
import t from 'tap'
import { startTestApiServer, type TestAnswer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { sendRaw } from '../../support/raw-http.ts'

const SEED = 20_260_101
const REQUESTS = 400
const RAW_REQUESTS = 60

const oneOf = <Value>(...values: Value[]) => fc.constantFrom(...values)

/** Parts that paths of this API are made of, and parts that they are not. */
const pathPart = fc.oneof(
  oneOf('api', 'apis', 'v1', 'apps', 'batch', 'namespaces', 'default', 'pods', 'configmaps', 'nodes', 'deployments'),
  oneOf(
    'here',
    'status',
    'scale',
    'log',
    'binding',
    'healthz',
    'metrics',
    'openapi',
    'v3',
    ':name',
    '*',
    '..',
    '.',
    '',
  ),
  oneOf('%2F', '%00', '%', '%ff', '__proto__', 'constructor', 'toString', '%7Bnamespace%7D'),
  fc.string({ maxLength: 8 }).map(encodeURIComponent),
)
const path = fc.oneof(
  fc.array(pathPart, { maxLength: 8 }).map((parts) => `/${parts.join('/')}`),
  oneOf('/api/v1/namespaces/default/configmaps', '/api/v1/namespaces/default/configmaps/here', '/api/v1/pods'),
  oneOf('/apis/apps/v1/namespaces/default/deployments', '/api/v1/namespaces/default/pods', '/api/v1/nodes/x/status'),
)

const parameter = fc.tuple(
  fc.oneof(
    oneOf('limit', 'continue', 'resourceVersion', 'resourceVersionMatch', 'labelSelector', 'fieldSelector', 'timeout'),
    oneOf('dryRun', 'fieldValidation', 'fieldManager', 'force', 'pretty', 'propagationPolicy', 'gracePeriodSeconds'),
    oneOf('__proto__', 'sendInitialEvents', 'allowWatchBookmarks', 'includeObject', 'exclude', 'verbose'),
  ),
  fc.oneof(
    oneOf('', '0', '1', '-1', '9007199254740993', '1e9', 'true', 'All', 'a=b', 'a in (b)', '!', ',', 'metadata.name=x'),
    oneOf('Exact', 'NotOlderThan', '10s', 'NaN', '__proto__', '%', '\0'),
    fc.string({ maxLength: 12 }),
  ),
)
const query = fc.array(parameter, { maxLength: 3 }).map((parameters) => new URLSearchParams(parameters).toString())

const manifest = fc.record(
  {
    apiVersion: oneOf<unknown>('v1', 'apps/v1', '', 1, null),
    kind: oneOf<unknown>('ConfigMap', 'Pod', 'DeleteOptions', '', {}, null),
    metadata: fc.oneof(fc.jsonValue(), fc.record({ name: fc.jsonValue(), labels: fc.jsonValue() })),
    spec: fc.jsonValue(),
    data: fc.jsonValue(),
  },
  { requiredKeys: [] },
)
const operation = fc.record({
  op: oneOf('add', 'remove', 'replace', 'move', 'copy', 'test', 'nonsense'),
  path: oneOf('', '/', '/data', '/data/a', '/metadata/labels', '/metadata/name', '/__proto__', '/data/-', 'x'),
  from: oneOf('', '/data', '/metadata', '/x'),
  value: fc.jsonValue(),
})
const body = fc.oneof(
  fc.constant(undefined),
  manifest.map((value) => JSON.stringify(value)),
  fc.array(operation, { maxLength: 4 }).map((value) => JSON.stringify(value)),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.string(),
  fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
)
const contentType = oneOf(
  ...['application/json', 'application/yaml', 'application/json-patch+json', 'application/merge-patch+json'],
  ...['application/strategic-merge-patch+json', 'application/apply-patch+yaml', 'application/vnd.kubernetes.protobuf'],
  ...['text/plain', ';', 'application/json; charset=x'],
)
const accept = oneOf(
  '*/*',
  'application/json',
  'application/yaml',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  ';;,',
  'x',
)
const method = oneOf('GET', 'GET', 'POST', 'PUT', 'PATCH', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS')

const anyRequest = fc.record({ method, path, query, body, contentType, accept })

/** What is wrong with an answer, if anything. Too new a version and the like are upstream's only answers beyond 4xx. */
function objection({ status, text, headers }: TestAnswer, method: string): string | undefined {
  if (headers['audit-id'] === undefined && !text.includes('"Status"')) return 'no id'
  if (status < 400 || text === '404 page not found\n' || method === 'HEAD') return undefined
  const parsed = JSON.parse(text)
  if (parsed.kind !== 'Status' || parsed.code !== status) return 'no Status'
  if (status === 504 && parsed.reason === 'Timeout') return undefined
  // A version that is no number: recorded from upstream.
  if (status === 500 && /^resourceVersion: Invalid value: /.test(parsed.message)) return undefined
  return status < 500 ? undefined : 'a fault of the server'
}

t.test('requests at random', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(() => server.close())
  const maps = '/api/v1/namespaces/default/configmaps'
  const here = { metadata: { name: 'here' }, data: { a: '1' } }

  await fc.assert(
    fc.asyncProperty(anyRequest, async ({ method, path, query, body, contentType, accept }) => {
      const answer = await server.send(method, `${server.url}${path}?${query}`, {
        body,
        headers: { accept, ...(body !== undefined && { 'content-type': contentType }) },
      })
      const wrong = objection(answer, method)
      if (wrong !== undefined) throw new Error(`${wrong}: ${answer.status} ${answer.text}`)
    }),
    { seed: SEED, numRuns: REQUESTS },
  )

  const start = `POST ${maps} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${server.token}\r\nconnection: close\r\n`
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 40, unit: 'binary' }), oneOf('', start), async (noise, head) => {
      const { status, text } = await sendRaw(server.url, server.authority.certificate, `${head}x${noise}\r\n\r\n`)
      if (status < 400 || status >= 500 || JSON.parse(text).kind !== 'Status') throw new Error(`${status} ${text}`)
    }),
    { seed: SEED, numRuns: RAW_REQUESTS },
  )

  t.strictSame(Object.keys(Object.prototype), [], 'no prototype is polluted')
  await server.send('DELETE', `${maps}/here`)
  t.match(await server.send('POST', maps, { body: here }), { status: 201 }, 'the server serves on')
  t.strictSame((await server.send('GET', `${maps}/here`)).json().data, here.data)
})
