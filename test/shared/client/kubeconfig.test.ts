import path from 'node:path'
import t from 'tap'
import { KubeconfigError, readKubeconfig } from '../../../shared/client/kubeconfig.ts'
import { testDirectory } from '../../support/directory.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

const inline = {
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'here',
  contexts: [
    { name: 'there', context: { cluster: 'far', user: 'me' } },
    { name: 'here', context: { cluster: 'near', user: 'me' } },
  ],
  clusters: [
    { name: 'near', cluster: { server: 'https://127.0.0.1:6443', 'certificate-authority-data': base64('CA') } },
  ],
  users: [{ name: 'me', user: { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') } }],
}
const wanted = { server: 'https://127.0.0.1:6443', ca: 'CA', clientCertificate: 'CERT', clientKey: 'KEY' }

t.test('JSON with inline data', async (t) => {
  const dir = testDirectory(t, { kubeconfig: JSON.stringify(inline) })
  t.same(readKubeconfig(path.join(dir, 'kubeconfig')), wanted)
})

t.test('YAML with files relative to it', async (t) => {
  const dir = testDirectory(t, {
    pki: { 'ca.crt': 'CA', token: 'T\n' },
    kubeconfig: `
current-context: here
contexts: [{ name: here, context: { cluster: near, user: me } }]
clusters:
- name: near
  cluster: { server: https://localhost/k8s, certificate-authority: pki/ca.crt, tls-server-name: api, insecure-skip-tls-verify: true }
users: [{ name: me, user: { tokenFile: pki/token } }]
`,
  })
  t.same(readKubeconfig(path.join(dir, 'kubeconfig')), {
    server: 'https://localhost/k8s',
    ca: 'CA',
    token: 'T',
    tlsServerName: 'api',
    insecureSkipTlsVerify: true,
  })
})

t.test('what cannot be used is one clear line', async (t) => {
  const cases: [title: string, content: string | undefined, message: RegExp][] = [
    ['no file', undefined, /kubeconfig .*: cannot read kubeconfig: ENOENT/],
    ['empty', '', /no context named ""/],
    ['broken JSON', '{"a":', /neither JSON nor YAML/],
    ['no such context', JSON.stringify({ ...inline, 'current-context': 'x' }), /no context named "x"/],
    ['no such cluster', JSON.stringify({ ...inline, 'current-context': 'there' }), /no server for cluster "far"/],
    [
      'bad URL',
      JSON.stringify({ ...inline, clusters: [{ name: 'near', cluster: { server: '127.0.0.1' } }] }),
      /the server "127.0.0.1" is not a URL/,
    ],
    [
      'missing file',
      JSON.stringify({ ...inline, users: [{ name: 'me', user: { 'client-key': 'nope.key' } }] }),
      /cannot read nope.key/,
    ],
  ]
  for (const [title, content, message] of cases) {
    const dir = testDirectory(t, content === undefined ? {} : { kubeconfig: content })
    t.throws(() => readKubeconfig(path.join(dir, 'kubeconfig')), message, title)
    t.throws(() => readKubeconfig(path.join(dir, 'kubeconfig')), KubeconfigError, title)
  }
})
