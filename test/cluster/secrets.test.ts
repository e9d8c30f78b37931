/** What is secret stays so: after a run with all kinds of secrets none is in a log, an event, or a command line. */
import { globSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { eventually, findKubectl, processesOf, TestCluster } from '../support/cluster.ts'
import { testDirectory } from '../support/directory.ts'

const PASSWORD = 'correct-horse-battery-staple'
const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'keeper' },
  spec: {
    containers: [
      {
        name: 'main',
        image: 'busybox',
        command: [
          'sh',
          '-c',
          'test -n "$PASSWORD" && test -s var/run/secrets/kubernetes.io/serviceaccount/token && sleep 1000',
        ],
        env: [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'keeper', key: 'password' } } }],
        volumeMounts: [{ name: 'secret', mountPath: '/etc/keeper' }],
      },
    ],
    volumes: [{ name: 'secret', secret: { secretName: 'keeper' } }],
  },
}

const kubectl = await findKubectl()

t.test('secrets', { skip: kubectl === undefined && 'kubectl is not installed' }, async (t) => {
  const dataDir = testDirectory(t)
  const cluster = await TestCluster.start({ dataDir, nodes: 1, flags: ['--log-level=debug'] })
  t.teardown(() => cluster.stop())
  await cluster.kubectl('create', 'secret', 'generic', 'keeper', `--from-literal=password=${PASSWORD}`)
  const manifest = join(dataDir, 'pod.json')
  writeFileSync(manifest, JSON.stringify(POD))
  t.match(await cluster.kubectl('create', '-f', manifest), { code: 0 })
  await eventually(
    async () => (await cluster.kubectl('get', 'pod', 'keeper', '-o', 'jsonpath={.status.phase}')).stdout === 'Running',
  )
  const token = (await cluster.kubectl('create', 'token', 'default')).stdout.trim()
  t.match(token, /^[\w-]+\.[\w-]+\.[\w-]+$/)
  await cluster.kubectl('get', 'pods', `--token=${token}`, `--as=nobody`)
  const path = 'var/run/secrets/kubernetes.io/serviceaccount/token'
  const { stdout: mounted } = await cluster.kubectl('exec', 'keeper', '--', 'cat', path)
  t.match(mounted, /^[\w-]+\.[\w-]+\.[\w-]+$/, 'the token of the pod is a file')
  const [adminToken = ''] = readFileSync(join(dataDir, 'pki/tokens.csv'), 'utf8').split(',')
  const keys = globSync(join(dataDir, '{pki/*.key,apiserver/*.key}')).map(
    (path) => readFileSync(path, 'utf8').split('\n')[1]!,
  )
  const secrets = [PASSWORD, Buffer.from(PASSWORD).toString('base64'), token, adminToken, mounted, ...keys]
  t.ok(
    secrets.every((secret) => secret.length > 20),
    'there is something to look for',
  )

  const { stdout: events } = await cluster.kubectl('get', 'events', '-A', '-o', 'json')
  const { stdout: described } = await cluster.kubectl('describe', 'pod,secret,node')
  const places: [name: string, text: string][] = [
    ['events', events],
    ['descriptions', described],
    ['command lines', processesOf(dataDir).join('\n')],
    ['output', cluster.output.join('\n')],
    ...globSync(join(dataDir, '{log/*.log,nodes/*/*.log}')).map((path): [string, string] => [
      path,
      readFileSync(path, 'utf8'),
    ]),
  ]
  t.ok(places.length > 7, 'and where')
  for (const [name, text] of places)
    t.notOk(
      secrets.some((secret) => text.includes(secret)),
      `nothing in ${name}`,
    )
  const own = globSync(join(dataDir, '{kubeconfig,curl.conf,control.sock,pki/*,apiserver/*,log/*,nodes/*/*.sock}'))
  t.strictSame(
    own.filter((path) => (statSync(path).mode & 0o077) !== 0),
    [],
    'files are for their owner alone',
  )
  t.strictSame(
    globSync(join(dataDir, '{pki,apiserver,log,nodes,nodes/*}')).filter((path) => (statSync(path).mode & 0o077) !== 0),
    [],
    'and so are directories',
  )
})
