/** Web pages are kept away, from the insecure port as well. */
import { request } from 'node:http'
import t from 'tap'
import { createPageCheck } from '../../../apiserver/http/page-check.ts'
import { createAuthority } from '../../../shared/certificates/authority.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'

t.test('hosts and origins', async (t) => {
  const authority = await createAuthority('test')
  const hosts = ['127.0.0.1', 'api.example.com', '*.wild.example.com']
  const { certificate } = await authority.issue({ commonName: 'x', usages: ['server'], hosts })
  const check = createPageCheck({ scheme: 'https', certificate })
  const own = { host: '127.0.0.1:6443' }
  const cases: [title: string, headers: Parameters<typeof check>[0], isAllowed: boolean][] = [
    ['no host', {}, true],
    ['an address', own, true],
    ['an address of the newer kind', { host: '[::1]:6443' }, true],
    ['localhost', { host: 'localhost:6443' }, true],
    ['a name without a domain', { host: 'apiserver' }, true],
    ['a name of the certificate', { host: 'API.example.com:443' }, true],
    ['one that a wildcard covers', { host: 'a.wild.example.com' }, true],
    ['one that it does not', { host: 'a.b.wild.example.com' }, false],
    ['a domain that leads here', { host: 'evil.example:6443' }, false],
    ['one that looks like an address', { host: '127.0.0.1.evil.example' }, false],
    ['one that begins with a name of ours', { host: 'api.example.com.evil.example' }, false],
    ['nonsense', { host: '[::1' }, false],
    ['its own page', { ...own, origin: 'https://127.0.0.1:6443' }, true],
    ['a page over plain HTTP', { ...own, origin: 'http://127.0.0.1:6443' }, false],
    ['a page of another port', { ...own, origin: 'https://127.0.0.1:8443' }, false],
    ['a page of another site', { ...own, origin: 'https://evil.example' }, false],
    ['a page without an origin', { ...own, origin: 'null' }, false],
    [
      'a picture on a page of another site',
      { ...own, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
      false,
    ],
    ['a link on it', { ...own, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, true],
    ['typed by hand', { ...own, 'sec-fetch-site': 'none' }, true],
  ]
  for (const [title, headers, isAllowed] of cases)
    if (isAllowed) t.doesNotThrow(() => check(headers), title)
    else t.throws(() => check(headers), { code: 403, reason: 'Forbidden' }, title)
})

t.test('the insecure port', async (t) => {
  const server = await startTestApiServer(testDirectory(t), { insecurePort: 0 })
  t.teardown(() => server.close())
  const url = new URL(server.insecureUrl!)
  t.equal(url.hostname, '127.0.0.1')
  const send = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const sent = request(new URL(path, url), { method, headers, agent: false }, (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (chunk) => {
          text += chunk
        })
        answer.on('end', () => resolve({ status: answer.statusCode!, text }))
      })
      sent.on('error', reject).end()
    })
  t.match(await send('/api/v1/nodes'), { status: 200, text: /NodeList/ }, 'everybody is an administrator')
  const pages: Record<string, string>[] = [
    { host: 'evil.example' },
    { host: 'evil' },
    { host: '192.0.2.1' },
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
  ]
  for (const headers of pages) {
    const answer = await send('/api/v1/nodes', headers)
    t.match(answer, { status: 403, text: /"kind":"Status"/ }, JSON.stringify(headers))
    const write = await send('/api/v1/namespaces/default/pods', headers, 'DELETE')
    t.equal(write.status, 403, 'and cannot write')
  }
  t.equal((await send('/api/v1/nodes', { host: `localhost:${url.port}` })).status, 200)
  const over = await server.send('GET', '/api/v1/nodes', { headers: { origin: 'https://evil.example' } })
  t.match(over.json(), { code: 403, reason: 'Forbidden' }, 'the other port looks at it as well')
})
