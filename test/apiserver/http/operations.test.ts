/** What operators rely on: health, metrics, ids, limits, the audit log. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { REQUEST_LIMITS } from '../../../apiserver/operations.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { openHeldStorage } from '../../support/held-storage.ts'
import { sendRaw } from '../../support/raw-http.ts'
import { until } from '../../support/until.ts'

const MAPS = '/api/v1/namespaces/default/configmaps'
const map = (name: string) => ({ body: { metadata: { name }, data: { secret: 'never-to-be-told' } } })

t.test('request ids', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(() => server.close())
  const { send } = server
  const ids = await Promise.all(['/version', MAPS, '/nothing', `${MAPS}/none`].map((path) => send('GET', path)))
  const named = ids.map(({ headers }) => headers['audit-id'])
  for (const id of named) t.match(id, /^[\da-f-]{36}$/)
  t.equal(new Set(named).size, named.length, 'each its own')
  const own = await send('GET', MAPS, { headers: { 'audit-id': 'mine-1' } })
  t.equal(own.headers['audit-id'], 'mine-1', 'or the client’s')
  const bad = await send('GET', MAPS, { headers: { 'audit-id': 'a b"c' } })
  t.match(bad.headers['audit-id'], /^[\da-f-]{36}$/, 'unless it would do harm in a log')
})

t.test('health', async (t) => {
  const held = openHeldStorage()
  const server = await startTestApiServer(testDirectory(t), { storage: held.storage })
  t.teardown(() => server.close())
  const { send } = server
  for (const path of ['/livez', '/readyz', '/healthz'])
    t.match(await send('GET', path, { authorization: null }), { status: 200, text: 'ok' }, path)
  t.equal(
    (await send('GET', '/readyz?verbose')).text,
    '[+]ping ok\n[+]storage ok\n[+]watch-cache ok\n[+]shutdown ok\nreadyz check passed\n',
  )
  t.equal((await send('GET', '/livez?verbose')).text, '[+]ping ok\n[+]storage ok\nlivez check passed\n')
  t.match(await send('GET', '/healthz/ping'), { status: 200, text: 'ok' })
  t.match(await send('GET', '/healthz/ping', { authorization: null }), { status: 401 }, 'parts are not for everybody')
  t.match(await send('GET', '/healthz/nonsense'), { status: 404 })

  held.failReads(new Error('the disk is on fire'))
  const ill = await send('GET', '/livez')
  t.match(ill, { status: 500, text: '[+]ping ok\n[-]storage failed: reason withheld\nlivez check failed\n' })
  t.match(await send('GET', '/livez/storage'), { status: 500, text: 'internal server error: reason withheld\n' })
  t.match(await send('GET', '/livez?exclude=storage&exclude=none&verbose'), {
    status: 200,
    text: '[+]ping ok\n[+]storage excluded: ok\nwarn: some health checks cannot be excluded: no matches for "none"\n',
  })
})

t.test('metrics', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(() => server.close())
  const { send } = server
  t.equal((await send('GET', '/metrics', { authorization: null })).status, 401)
  await send('POST', MAPS, map('a'))
  await send('GET', `${MAPS}/a`)
  await send('GET', `${MAPS}/none`)
  await send('GET', MAPS)
  await send('GET', `${MAPS}?watch=1&timeoutSeconds=1`)
  await send('GET', '/wherever')
  const { headers, text } = await send('GET', '/metrics')
  t.match(headers['content-type'], 'text/plain; version=0.0.4')
  const has = (line: string) => t.ok(text.split('\n').includes(line), line)
  const labels = (verb: string, scope: string) =>
    `verb="${verb}",group="",version="v1",resource="configmaps",subresource="",scope="${scope}",component="apiserver",dry_run=""`
  has(`apiserver_request_total{${labels('POST', 'namespace')},code="201"} 1`)
  has(`apiserver_request_total{${labels('GET', 'resource')},code="200"} 1`)
  has(`apiserver_request_total{${labels('GET', 'resource')},code="404"} 1`)
  has(`apiserver_request_total{${labels('WATCH', 'namespace')},code="200"} 1`)
  has(`apiserver_request_duration_seconds_count{${labels('GET', 'resource')}} 2`)
  has(`apiserver_request_duration_seconds_bucket{${labels('GET', 'resource')},le="+Inf"} 2`)
  has('apiserver_watch_events_total{group="",version="v1",resource="configmaps"} 1')
  has('apiserver_storage_objects{resource="configmaps"} 1')
  has('apiserver_current_inflight_requests{request_kind="readOnly"} 1')
  has('etcd_request_duration_seconds_count{operation="create",type="configmaps"} 1')
  t.match(text, /^process_resident_memory_bytes \d+$/m)
  t.match((await send('GET', '/metrics')).text, /resource="configmaps".*code="201"} 1$/m, 'and again')
})

t.test('the limit of requests at once', async (t) => {
  const held = openHeldStorage()
  const user = 'user-token,someone,1,"people"\nroot-token,root,2,"system:masters"\n'
  const server = await startTestApiServer(testDirectory(t), {
    storage: held.storage,
    tokens: user,
    authorization: 'AlwaysAllow',
    limits: { ...REQUEST_LIMITS, inFlight: { readOnly: 1, mutating: 1 } },
  })
  t.teardown(() => server.close())
  const authorization = 'Bearer user-token'
  held.hold()
  const first = server.send('POST', MAPS, { ...map('a'), authorization })
  await until(() => held.waiting === 1)
  const refused = await server.send('POST', MAPS, { ...map('b'), authorization })
  t.match(refused, { status: 429, headers: { 'retry-after': '1' } })
  t.match(refused.json(), { reason: 'TooManyRequests', details: { retryAfterSeconds: 1 } })
  t.match(await server.send('GET', MAPS, { authorization }), { status: 200 }, 'reads have room of their own')
  const root = server.send('POST', MAPS, { ...map('c'), authorization: 'Bearer root-token' })
  await until(() => held.waiting === 2)
  held.release()
  t.match([await first, await root], [{ status: 201 }, { status: 201 }], 'administrators always get in')
  t.match(await server.send('POST', MAPS, { ...map('d'), authorization }), { status: 201 }, 'there is room again')
})

t.test('the time limit', async (t) => {
  const held = openHeldStorage()
  const server = await startTestApiServer(testDirectory(t), {
    storage: held.storage,
    limits: { ...REQUEST_LIMITS, requestTimeoutMs: 200 },
  })
  t.teardown(() => server.close())
  const half = 'GET /healthz HTTP/1.1\r\nhost: x\r\n'
  const slowHeaders = sendRaw(server.url, server.authority.certificate, half)
  held.hold()
  const timedOut = { status: 504 }
  const answers = await Promise.all([
    server.send('POST', MAPS, map('a')),
    server.send('POST', `${MAPS}?timeout=20ms`, map('b')),
  ])
  t.match(answers, [timedOut, timedOut])
  t.match(answers[0]?.json(), {
    reason: 'Timeout',
    message: 'Timeout: request did not complete within the allotted timeout',
  })
  held.release()
  const watch = await server.send('GET', `${MAPS}?watch=1&timeoutSeconds=1`)
  t.equal(watch.status, 200, 'watches may take longer')
  const { status, text } = await slowHeaders
  t.equal(status, 408, 'headers have to come in time')
  t.match(JSON.parse(text), { kind: 'Status', reason: 'Timeout' })
  t.match(await server.send('GET', `${MAPS}/a`), { status: 200 }, 'a write that was given up has happened all the same')
})

t.test('the audit log', async (t) => {
  const directory = testDirectory(t)
  const path = join(directory, 'audit.log')
  const server = await startTestApiServer(directory, { audit: { path, bytesMax: 0, backupsMax: 0 } })
  const { send, token } = server
  const created = await send('POST', MAPS, { ...map('a'), headers: { 'user-agent': 'tester/1' } })
  await send('POST', MAPS, map('a'))
  await send('GET', MAPS, { authorization: 'Bearer wrong' })
  await send('GET', `${MAPS}?watch=1&timeoutSeconds=1`)
  await server.close()

  const text = readFileSync(path, 'utf8')
  const events = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  t.match(events[0], {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: created.headers['audit-id'],
    stage: 'ResponseComplete',
    requestURI: MAPS,
    verb: 'create',
    user: { username: 'admin', uid: 'admin', groups: ['system:masters', 'system:authenticated'] },
    sourceIPs: ['127.0.0.1'],
    userAgent: 'tester/1',
    objectRef: { resource: 'configmaps', namespace: 'default', apiVersion: 'v1' },
    responseStatus: { metadata: {}, code: 201 },
    requestReceivedTimestamp: /^\d{4}-\d\d-\d\dT[\d:.]{15}Z$/,
    stageTimestamp: /Z$/,
  })
  t.match(events[1].responseStatus, { status: 'Failure', reason: 'AlreadyExists', code: 409 })
  t.match(events[2], { user: {}, responseStatus: { reason: 'Unauthorized', code: 401 } })
  t.match(events[3], { verb: 'watch', responseStatus: { code: 200 } })
  t.equal(events.length, 4)
  t.notMatch(text, 'never-to-be-told', 'no body')
  t.notOk(text.includes(token) || text.includes('wrong'), 'no token')
  t.equal(statSync(path).mode & 0o777, 0o600)
})

t.test('errors are indented for people', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(() => server.close())
  t.match((await server.send('GET', `${MAPS}/none?pretty`)).text, '{\n  "kind": "Status",\n')
  t.match((await server.send('GET', `${MAPS}/none`)).text, '{"kind":"Status",')
  t.match((await server.send('GET', `${MAPS}/none`, { headers: { 'user-agent': 'curl/8' } })).text, '{\n  "kind"')
})
