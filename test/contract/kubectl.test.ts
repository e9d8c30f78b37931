/** The real kubectl against the real API server: the oldest, the newest and the usual version that are installed. */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, realpathSync, writeFileSync } from 'node:fs'
import { basename, delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { startTestApiServer, type TestApiServer } from '../support/api-server.ts'

const execute = promisify(execFile)

/** The kubectl on the PATH, and the versions that are installed beside it. */
function findKubectls(): string[] {
  const found = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'kubectl'))
    .find((path) => existsSync(path))
  if (found === undefined) return []
  const real = realpathSync(found)
  const beside = readdirSync(dirname(real))
    .filter((name) => /^kubectl\.1\.\d+$/.test(name))
    .sort((a, b) => Number(a.split('.')[2]) - Number(b.split('.')[2]))
    .map((name) => join(dirname(real), name))
  return [...new Set([real, beside[0], beside.at(-1)])].filter((path) => path !== undefined)
}

interface Result {
  code: number
  stdout: string
  stderr: string
}

const runner =
  (kubectl: string, server: TestApiServer, cacheDir: string) =>
  async (...args: string[]): Promise<Result> => {
    const options = { env: { ...process.env, KUBECONFIG: server.kubeconfig }, timeout: 20_000 }
    try {
      return { code: 0, ...(await execute(kubectl, [`--cache-dir=${cacheDir}`, ...args], options)) }
    } catch (error) {
      const { code, stdout, stderr } = error as Error & Result
      return { code, stdout, stderr }
    }
  }

const RC = {
  apiVersion: 'v1',
  kind: 'ReplicationController',
  metadata: { name: 'kubia' },
  spec: {
    replicas: 3,
    selector: { app: 'kubia' },
    template: {
      metadata: { labels: { app: 'kubia' } },
      spec: { containers: [{ name: 'kubia', image: 'luksa/kubia', ports: [{ containerPort: 8080 }] }] },
    },
  },
}

async function story(t: Test, kubectl: string): Promise<void> {
  const directory = t.testdir()
  const server = await startTestApiServer(directory)
  t.teardown(() => server.close())
  const run = runner(kubectl, server, join(directory, 'cache'))
  const file = (name: string, value: unknown) => {
    const path = join(directory, `${name}.json`)
    writeFileSync(path, JSON.stringify(value))
    return path
  }
  const says = async (wanted: string | RegExp, ...args: string[]) => {
    const { code, stdout, stderr } = await run(...args)
    t.match(stdout, wanted, `kubectl ${args.join(' ')}`)
    if (code !== 0) t.fail(`kubectl ${args.join(' ')}: exit code ${code}`, { stderr })
  }
  const fails = async (wanted: string | RegExp, ...args: string[]) => {
    const { code, stderr } = await run(...args)
    t.not(code, 0, `kubectl ${args.join(' ')}: fails`)
    t.match(stderr, wanted, `kubectl ${args.join(' ')}: says why`)
  }

  await says('replicationcontroller/kubia created', 'create', '-f', file('rc', RC))
  await fails('replicationcontrollers "kubia" already exists', 'create', '-f', file('rc', RC))
  await says(/^NAME +DESIRED +CURRENT +READY +AGE\nkubia +3 +0 +0 +\d+s\n$/, 'get', 'rc')
  await says(/CONTAINERS +IMAGES +SELECTOR\n.* kubia +luksa\/kubia +app=kubia\n$/, 'get', 'rc', '-o', 'wide')
  await says(/Name: +kubia\n[\s\S]*Replicas: +0 current \/ 3 desired/, 'describe', 'rc', 'kubia')
  await says('replicationcontroller/kubia scaled', 'scale', 'rc', 'kubia', '--replicas=5')
  await fails('Expected replicas to be 9, was 5', 'scale', 'rc', 'kubia', '--replicas=4', '--current-replicas=9')
  await says('replicationcontroller/kubia labeled', 'label', 'rc', 'kubia', 'tier=web')
  await fails("'tier' already has a value (web)", 'label', 'rc', 'kubia', 'tier=db')
  await says('replicationcontroller/kubia labeled', 'label', 'rc', 'kubia', 'tier=db', '--overwrite')
  await says(
    'replicationcontroller/kubia patched',
    ...[
      'patch',
      'rc',
      'kubia',
      '-p',
      '{"spec":{"template":{"spec":{"containers":[{"name":"kubia","image":"luksa/kubia:v2"}]}}}}',
    ],
  )
  await says(
    /^5 luksa\/kubia:v2 8080 db$/,
    ...[
      'get',
      'rc',
      'kubia',
      '-o',
      'jsonpath={.spec.replicas} {.spec.template.spec.containers[0].image} {.spec.template.spec.containers[0].ports[0].containerPort} {.metadata.labels.tier}',
    ],
  )
  await says('replicationcontroller "kubia" deleted', 'delete', 'rc', 'kubia')
  await fails('replicationcontrollers "kubia" not found', 'get', 'rc', 'kubia')

  const map = (data: object) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied' }, data })
  await says('configmap/applied created', 'apply', '-f', file('map', map({ a: '1', b: '2' })))
  await says('configmap/applied unchanged', 'apply', '-f', file('map', map({ a: '1', b: '2' })))
  await says('configmap/applied configured', 'apply', '-f', file('map', map({ b: 'before' })))
  await says('{"b":"before"}', 'get', 'cm', 'applied', '-o', 'jsonpath={.data}')
  await fails(
    'unknown field "bogus"',
    'create',
    '-f',
    file('bogus', { ...map({}), metadata: { name: 'bogus' }, bogus: 1 }),
  )
  await says('configmap/applied edited', 'edit', 'cm', 'applied')

  await says('configmap/made created', 'create', 'configmap', 'made', '--from-literal=a=b')
  await says('secret/made created', 'create', 'secret', 'generic', 'made', '--from-literal=a=b')
  await says('serviceaccount/made created', 'create', 'serviceaccount', 'made')
  await says('namespace/made created', 'create', 'namespace', 'made')
  await says('pod/made created', 'run', 'made', '--image=x')
  await says(/made +0\/1 +Pending +0 /, 'get', 'pods')
  await says(/Status: +Pending/, 'describe', 'pod', 'made')
  await says('pod "made" deleted', 'delete', 'pod', 'made')
  await says(/made +Opaque +1 /, 'get', 'secrets')
  await fails('the server doesn\'t have a resource type "nosuchkind"', 'get', 'nosuchkind')
  await fails('namespaces "kube-system" is forbidden: this namespace may not be deleted', 'delete', 'ns', 'kube-system')
  await says(/FIELD: containers <\[\]Container>/, 'explain', 'pod.spec.containers')
  await says(/replicationcontrollers +rc +v1 +true +ReplicationController/, 'api-resources')
}

process.env.KUBE_EDITOR = 'sed -i s/before/after/'
const kubectls = findKubectls()
if (kubectls.length === 0) t.test('kubectl', { skip: 'kubectl is not installed' }, async () => undefined)
for (const kubectl of kubectls) {
  const name = basename(kubectl)
  t.test(name, (t) => story(t, kubectl))
}
