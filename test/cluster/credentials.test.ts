/** What a start makes anew of a cluster's certificates, and what it keeps. */
import { X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { certificatePath, ensureCredentials, ensureNodeCredentials, keyPath } from '../../cluster/credentials.ts'
import { layoutOf } from '../../cluster/layout.ts'
import { loadAuthority } from '../../shared/certificates/authority.ts'
import { testDirectory } from '../support/directory.ts'

const server = 'https://127.0.0.1:6443'

t.test('certificates last, but for those that name too little or are near their end', async (t) => {
  const layout = layoutOf(testDirectory(t))
  const read = (name: string) => readFileSync(certificatePath(layout, name), 'utf8')
  const node = { name: 'node-1', ip: '127.1.1.1', kubeconfig: layout.kubeconfigOf('node-1') }
  const ensure = async (...hosts: string[]) => {
    await ensureCredentials(layout, { server, hosts })
    await ensureNodeCredentials(layout, { url: server }, node)
    return Object.fromEntries(['ca', 'apiserver', 'admin', 'node-1'].map((name) => [name, read(name)]))
  }
  const first = await ensure()
  t.same(await ensure(), first, 'a second start makes nothing')

  const exposed = await ensure('192.0.2.7')
  t.not(exposed.apiserver, first.apiserver)
  t.ok(new X509Certificate(exposed.apiserver!).checkIP('192.0.2.7'), 'the new address is named')
  t.same({ ...exposed, apiserver: '' }, { ...first, apiserver: '' }, 'nothing else is made anew')
  t.ok(exposed.apiserver!.endsWith(first.ca!), 'the server hands out its authority')

  const authority = await loadAuthority({ certificate: first.ca!, key: readFileSync(keyPath(layout, 'ca'), 'utf8') })
  // Such a certificate is over when it begins.
  for (const name of ['admin', 'node-1']) {
    const old = await authority.issue({
      commonName: name,
      usages: ['client'],
      hosts: ['node-1', '127.1.1.1'],
      days: 0,
    })
    writeFileSync(certificatePath(layout, name), old.certificate)
  }
  const renewed = await ensure('192.0.2.7')
  t.equal(renewed.apiserver, exposed.apiserver)
  for (const name of ['admin', 'node-1']) {
    const certificate = new X509Certificate(renewed[name]!)
    t.ok(certificate.validToDate.getTime() > Date.now(), `${name} has a new certificate`)
    const kubeconfig = JSON.parse(readFileSync(name === 'admin' ? layout.kubeconfig : node.kubeconfig, 'utf8'))
    const held = Buffer.from(kubeconfig.users[0].user['client-certificate-data'], 'base64').toString()
    t.equal(held, renewed[name], 'and its kubeconfig holds it')
  }
})
