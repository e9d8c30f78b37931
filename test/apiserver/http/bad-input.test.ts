/** What clients send by mistake or by malice: always a Status of the 4xx kind, quickly, and the server serves on. */
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { startTestApiServer, type TestRequest } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { sendRaw } from '../../support/raw-http.ts'

const MAPS = '/api/v1/namespaces/default/configmaps'
const PODS = '/api/v1/namespaces/default/pods'
const JSON_PATCH = { 'content-type': 'application/json-patch+json' }
const MERGE_PATCH = { 'content-type': 'application/merge-patch+json' }
const STRATEGIC_PATCH = { 'content-type': 'application/strategic-merge-patch+json' }
const YAML = { 'content-type': 'application/yaml' }
const MIB = 1024 * 1024
/** The processor time within which an answer has to be there; printed, since a busy machine says little in a test. */
const CPU_MS_WANTED = 50

type Case = [title: string, method: string, path: string, request: TestRequest, status: number | readonly number[]]

const repeated = (text: string, count: number) => text.repeat(count)
const nested = (depth: number) => `${repeated('[', depth)}${repeated(']', depth)}`
const nestedObjects = (depth: number) => `${repeated('{"a":', depth)}1${repeated('}', depth)}`
const map = (fields: string) => `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"bad"},${fields}}`
const lines = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n')
const laughs = `a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n${lines(9, (i) => `a${i + 1}: &a${i + 1} [${repeated(`*a${i},`, 9)}*a${i}]`)}`
const yamlMap = (data: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: bad\n${data}`

const bodies: Case[] = [
  ['JSON lists nested 10,000 deep', 'POST', MAPS, { body: map(`"data":${nested(10_000)}`) }, 400],
  ['JSON objects nested 10,000 deep', 'POST', MAPS, { body: map(`"data":${nestedObjects(10_000)}`) }, 400],
  ['JSON lists that are never closed', 'POST', MAPS, { body: repeated('[', MIB) }, 400],
  ['JSON objects that are never closed', 'POST', MAPS, { body: repeated('{"a":', MIB / 5) }, 400],
  [
    'duplicate keys, strictly',
    'POST',
    `${MAPS}?fieldValidation=Strict`,
    { body: map('"data":{"a":"1","a":"2"}') },
    400,
  ],
  [
    'a __proto__ at the top, strictly',
    'POST',
    `${MAPS}?fieldValidation=Strict`,
    { body: map('"__proto__":{"polluted":true}') },
    400,
  ],
  ['a __proto__ among the data', 'POST', MAPS, { body: map('"data":{"__proto__":{"polluted":"true"}}') }, 400],
  [
    'a constructor among the labels',
    'POST',
    MAPS,
    { body: '{"metadata":{"name":"bad","labels":{"constructor":{"prototype":{"polluted":"yes"}}}}}' },
    400,
  ],
  [
    'a number beyond 2^53',
    'POST',
    PODS,
    {
      body: '{"metadata":{"name":"bad"},"spec":{"terminationGracePeriodSeconds":9007199254740993000,"containers":[]}}',
    },
    [400, 422],
  ],
  [
    'a number that is infinite',
    'POST',
    PODS,
    { body: '{"metadata":{"name":"bad"},"spec":{"terminationGracePeriodSeconds":1e999,"containers":[]}}' },
    [400, 422],
  ],
  [
    'a fraction for a whole number',
    'POST',
    PODS,
    { body: '{"metadata":{"name":"bad"},"spec":{"terminationGracePeriodSeconds":1.5,"containers":[]}}' },
    400,
  ],
  [
    'a label value of 1 MiB',
    'POST',
    MAPS,
    { body: { metadata: { name: 'bad', labels: { a: repeated('x', MIB) } } } },
    422,
  ],
  [
    'a label key of 1 MiB',
    'POST',
    MAPS,
    { body: { metadata: { name: 'bad', labels: { [repeated('x', MIB)]: 'a' } } } },
    422,
  ],
  ['a name of 1 MiB', 'POST', MAPS, { body: { metadata: { name: repeated('x', MIB) } } }, 422],
  [
    '100,000 labels that are none',
    'POST',
    MAPS,
    { body: `{"metadata":{"name":"bad","labels":{${lines(100_000, (i) => `"-${i}":"-"`).replaceAll('\n', ',')}}}}` },
    422,
  ],
  [
    '100,000 unknown fields, strictly',
    'POST',
    `${MAPS}?fieldValidation=Strict`,
    { body: map(lines(100_000, (i) => `"u${i}":1`).replaceAll('\n', ',')) },
    400,
  ],
  ['no JSON', 'POST', MAPS, { body: 'nonsense' }, 400],
  ['no body at all', 'POST', MAPS, {}, 400],
  ['a null', 'POST', MAPS, { body: 'null' }, [400, 422]],
  ['a body that is not UTF-8', 'POST', MAPS, { body: Buffer.from([0x7b, 0xff, 0xfe, 0x22]) }, 400],
  [
    'a compressed body',
    'POST',
    MAPS,
    { body: gzipSync(map('"data":{}')), headers: { 'content-encoding': 'gzip' } },
    400,
  ],
  ['a body beyond 3 MiB', 'POST', MAPS, { body: repeated('x', 3 * MIB + 1) }, 413],
  ['an unknown media type', 'POST', MAPS, { body: 'x', headers: { 'content-type': 'text/html' } }, 415],
  ['a media type that is none', 'POST', MAPS, { body: 'x', headers: { 'content-type': ';;;' } }, [400, 415]],
  [
    'protobuf that is none',
    'POST',
    MAPS,
    { body: Buffer.alloc(1000, 0xff), headers: { 'content-type': 'application/vnd.kubernetes.protobuf' } },
    400,
  ],
  ['YAML anchors without end', 'POST', MAPS, { body: laughs, headers: YAML }, 400],
  ['YAML brackets that are never closed', 'POST', MAPS, { body: repeated('[', 30_000), headers: YAML }, 400],
  [
    'YAML of 30 KiB that is no ConfigMap',
    'POST',
    MAPS,
    { body: yamlMap(`data:\n${lines(2400, (i) => `- a: ${i}`)}`), headers: YAML },
    400,
  ],
  ['YAML of 3 MiB', 'POST', MAPS, { body: yamlMap(`data:\n${repeated('  a: b\n', 400_000)}`), headers: YAML }, 413],
  ['YAML with a tab', 'POST', MAPS, { body: yamlMap('data:\n\ta: b'), headers: YAML }, 400],
  [
    'YAML with a __proto__',
    'POST',
    MAPS,
    { body: yamlMap('data:\n  __proto__:\n    polluted: yes'), headers: YAML },
    400,
  ],
]

const copies = (count: number) =>
  lines(count, () => '{"op":"copy","from":"/data","path":"/data/x"}').replaceAll('\n', ',')
const patches: Case[] = [
  [
    'a JSON patch that copies a value into itself 1,000 times',
    'PATCH',
    `${MAPS}/here`,
    { body: `[${copies(1000)}]`, headers: JSON_PATCH },
    422,
  ],
  [
    'a JSON patch of 20,000 operations',
    'PATCH',
    `${MAPS}/here`,
    {
      body: `[${lines(20_000, () => '{"op":"test","path":"/data/a","value":"1"}').replaceAll('\n', ',')}]`,
      headers: JSON_PATCH,
    },
    413,
  ],
  [
    'a JSON patch to a __proto__',
    'PATCH',
    `${MAPS}/here`,
    { body: '[{"op":"add","path":"/__proto__/polluted","value":"yes"}]', headers: JSON_PATCH },
    422,
  ],
  [
    'a JSON patch to a constructor',
    'PATCH',
    `${MAPS}/here`,
    { body: '[{"op":"add","path":"/constructor/prototype/polluted","value":"yes"}]', headers: JSON_PATCH },
    422,
  ],
  ['a JSON patch that is an object', 'PATCH', `${MAPS}/here`, { body: '{}', headers: JSON_PATCH }, 400],
  ['a merge patch that is a list', 'PATCH', `${MAPS}/here`, { body: '[]', headers: MERGE_PATCH }, [400, 422]],
  [
    'a merge patch with a __proto__',
    'PATCH',
    `${MAPS}/here?fieldValidation=Strict`,
    { body: '{"__proto__":{"polluted":"yes"}}', headers: MERGE_PATCH },
    [400, 422],
  ],
  [
    'a merge patch nested 10,000 deep',
    'PATCH',
    `${MAPS}/here`,
    { body: nestedObjects(10_000), headers: MERGE_PATCH },
    400,
  ],
  [
    'a strategic merge patch with an unknown directive',
    'PATCH',
    `${MAPS}/here`,
    { body: '{"$patch":"nonsense"}', headers: STRATEGIC_PATCH },
    [400, 422],
  ],
  [
    'a strategic merge patch that is a string',
    'PATCH',
    `${MAPS}/here`,
    { body: '"x"', headers: STRATEGIC_PATCH },
    [400, 422],
  ],
  ['an unknown kind of patch', 'PATCH', `${MAPS}/here`, { body: '{}' }, 415],
]

const queries: Case[] = [
  ['a limit that is none', 'GET', `${MAPS}?limit=many`, {}, 400],
  ['an unknown continue token', 'GET', `${MAPS}?continue=nonsense`, {}, 400],
  [
    'a continue token that is JSON of something else',
    'GET',
    `${MAPS}?continue=${Buffer.from('{"v":1}').toString('base64url')}`,
    {},
    400,
  ],
  ['a continue token of 30 KB', 'GET', `${MAPS}?continue=${repeated('A', 30_000)}`, {}, 400],
  ['a version that matches nothing', 'GET', `${MAPS}?resourceVersion=1&resourceVersionMatch=Whatever`, {}, 422],
  ['a label selector that is none', 'GET', `${MAPS}?labelSelector=%3D%3D%3D`, {}, 400],
  ['a label selector with 10,000 brackets', 'GET', `${MAPS}?labelSelector=a+in+${repeated('(', 10_000)}`, {}, 400],
  ['a field selector on an unknown field', 'GET', `${MAPS}?fieldSelector=data.a%3Db`, {}, 400],
  ['a field selector that is none', 'GET', `${MAPS}?fieldSelector=nonsense`, {}, 400],
  ['a timeout that is none', 'GET', `${MAPS}?timeout=soon`, {}, 400],
  ['a watch timeout that is none', 'GET', `${MAPS}?watch=1&timeoutSeconds=soon`, {}, 400],
  ['initial events without the match they need', 'GET', `${MAPS}?watch=1&sendInitialEvents=true`, {}, 422],
  ['a dry run that there is not', 'POST', `${MAPS}?dryRun=Some`, { body: map('"data":{}') }, 422],
  ['a field validation that there is not', 'POST', `${MAPS}?fieldValidation=Maybe`, { body: map('"data":{}') }, 422],
  ['a propagation policy that there is not', 'DELETE', `${MAPS}/here?propagationPolicy=Sideways`, {}, 422],
  ['a grace period that is none', 'DELETE', `${MAPS}/here?gracePeriodSeconds=x`, {}, 400],
  ['delete options that are none', 'DELETE', `${MAPS}/here`, { body: '[]' }, 400],
  ['an accept header that nothing fits', 'GET', `${MAPS}/here`, { headers: { accept: 'image/png' } }, 406],
  [
    'an accept header of 10,000 clauses',
    'GET',
    `${MAPS}/here`,
    { headers: { accept: repeated('a/b;q=0.1,', 3000) } },
    406,
  ],
]

const paths: Case[] = [
  ['an unknown subresource', 'GET', `${PODS}/x/nonsense`, {}, 404],
  ['a subresource of a subresource', 'GET', `${PODS}/x/status/status`, {}, 404],
  ['an unknown resource', 'GET', '/api/v1/nonsense', {}, 404],
  ['an unknown version', 'GET', '/api/v99/pods', {}, 404],
  ['a name with an encoded slash', 'GET', `${MAPS}/a%2Fb`, {}, 404],
  ['a namespace that climbs', 'GET', '/api/v1/namespaces/..%2F..%2Fetc/configmaps', {}, 404],
  [
    'an object in a namespace that climbs',
    'PUT',
    '/api/v1/namespaces/%2e%2e%2fdefault/configmaps/here',
    { body: {} },
    404,
  ],
  ['half an escape', 'GET', `${MAPS}/%`, {}, [400, 404]],
  ['an escape that is no UTF-8', 'GET', `${MAPS}/%ff%fe`, {}, [400, 404]],
  ['an encoded zero', 'GET', `${MAPS}/a%00b`, {}, 404],
  ['a name of 2,000 characters', 'GET', `${MAPS}/${repeated('n', 2000)}`, {}, [404, 414]],
  ['a name that all objects inherit', 'GET', `${MAPS}/__proto__`, {}, 404],
  ['a resource that all objects inherit', 'GET', '/api/v1/constructor', {}, 404],
  ['a path of slashes', 'GET', `/api/v1/${repeated('/', 2000)}`, {}, 404],
  ['POST to an object', 'POST', `${MAPS}/here`, { body: map('"data":{}') }, 405],
  ['PUT to a collection', 'PUT', MAPS, { body: map('"data":{}') }, 405],
  ['OPTIONS', 'OPTIONS', MAPS, {}, 405],
  ['TRACE', 'TRACE', MAPS, {}, [400, 405]],
  ['PROPFIND', 'PROPFIND', MAPS, {}, [404, 405]],
  [
    'a WebSocket that is none',
    'GET',
    `${MAPS}?watch=1`,
    { headers: { connection: 'Upgrade', upgrade: 'websocket' } },
    400,
  ],
  ['no credentials', 'GET', MAPS, { authorization: null }, 401],
  ['wrong credentials', 'GET', '/healthz', { authorization: 'Bearer nonsense' }, 401],
  ['a body of 3 MiB without credentials', 'POST', MAPS, { authorization: null, body: repeated('x', 3 * MIB) }, 401],
]

/** Bytes that are no request, or a strange one; the token takes the place of TOKEN. */
const raw: [title: string, bytes: string, status: number | readonly number[]][] = [
  ['no HTTP', 'nonsense\r\n\r\n', 400],
  ['a method that there is not', `NONSENSE ${MAPS} HTTP/1.1\r\nhost: x\r\n\r\n`, 400],
  ['no Host', `GET ${MAPS} HTTP/1.1\r\nauthorization: Bearer TOKEN\r\nconnection: close\r\n\r\n`, 400],
  ['headers of 100 KB', `GET ${MAPS} HTTP/1.1\r\nhost: x\r\nx: ${repeated('y', 100_000)}\r\n\r\n`, 431],
  [
    '5,000 headers',
    `GET ${MAPS} HTTP/1.1\r\nhost: x\r\n${repeated('x: y\r\n', 5000)}connection: close\r\n\r\n`,
    [400, 401, 431],
  ],
  ['two lengths', `POST ${MAPS} HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx`, 400],
  [
    'a length and chunks',
    `POST ${MAPS} HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  ['a negative length', `POST ${MAPS} HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n`, 400],
  [
    'a chunk that is none',
    `POST ${MAPS} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer TOKEN\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n`,
    400,
  ],
  [
    'chunks of a body that is none',
    `POST ${MAPS} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer TOKEN\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n3\r\n{"a\r\n0\r\n\r\n`,
    400,
  ],
  ['a newline in a header', `GET ${MAPS} HTTP/1.1\r\nhost: x\r\nx: a\nb\r\n\r\n`, 400],
  ['HTTP/1.0', `GET ${MAPS}/none HTTP/1.0\r\nauthorization: Bearer TOKEN\r\n\r\n`, 404],
  ['HTTP/3.0', `GET ${MAPS} HTTP/3.0\r\n\r\n`, 400],
]

const isOneOf = (status: number, wanted: number | readonly number[]) => [wanted].flat().includes(status)

t.test('bad input', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(() => server.close())
  const { send, token } = server
  const ca = server.authority.certificate
  await send('POST', MAPS, { body: { metadata: { name: 'here' }, data: { a: '1' } } })
  const slow: string[] = []

  for (const [title, method, path, request, wanted] of [...bodies, ...patches, ...queries, ...paths]) {
    const before = process.cpuUsage()
    const { status, text, headers } = await send(method, path, request)
    const { user, system } = process.cpuUsage(before)
    const cpuMs = (user + system) / 1000
    if (cpuMs > CPU_MS_WANTED) slow.push(`${title}: ${Math.round(cpuMs)} ms`)
    t.ok(isOneOf(status, wanted), `${title}: ${status} ${text.slice(0, 300)}`)
    if (text === '404 page not found\n') continue
    t.match(
      JSON.parse(text),
      { kind: 'Status', status: 'Failure', code: status, message: String },
      `${title}: a Status`,
    )
    t.ok(headers['audit-id'], `${title}: an id`)
  }

  for (const [title, bytes, wanted] of raw) {
    const { status, text } = await sendRaw(server.url, ca, bytes.replace('TOKEN', token))
    t.ok(isOneOf(status, wanted), `${title}: ${status} ${text.slice(0, 300)}`)
    t.match(JSON.parse(text), { kind: 'Status', code: status }, `${title}: a Status`)
  }

  t.comment(`processor time of client and server beyond ${CPU_MS_WANTED} ms: ${slow.join('; ') || 'none'}`)
  t.equal(Object.hasOwn(Object.prototype, 'polluted'), false, 'no prototype is polluted')
  t.equal((await send('GET', `${MAPS}/here`)).status, 200, 'the server serves on')
})
