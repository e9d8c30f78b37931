/** What security costs: the same requests to a server that has it on, and to one that has it off, in turn. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '../shared/client/http-client.ts'
import { ApiProcess, createApiServerHome } from '../test/support/api-process.ts'
import { stepCosts } from './auth-steps.ts'
import type { Target } from './load/connection.ts'
import type { Task } from './load/tasks.ts'
import { startLoad } from './load-process.ts'
import type { Benchmark, Series } from './sample.ts'

const RUNS = 7
const RUN_MS = 800
const CONNECTIONS = 32

const NAMESPACE = '/api/v1/namespaces/default'
const RBAC = '/apis/rbac.authorization.k8s.io/v1/namespaces/default'
const POD = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'NAME', labels: { app: 'bench' } },
  spec: { containers: [{ name: 'kubia', image: 'luksa/kubia', ports: [{ containerPort: 8080 }] }] },
})
const CONFIG_MAP = JSON.stringify({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'NAME' },
  data: { text: 'x'.repeat(300) },
})

/** No roles are asked, pods get no token, and an administrator asks by a token of a file. */
const OFF = ['--authorization-mode=AlwaysAllow', '--automount-service-account-token=false']

interface Served {
  target: Target
  pid: number
  stop(): Promise<void>
}

/** A token of a service account with just the rights that the load takes. */
async function accountToken(client: ReturnType<typeof createClient>): Promise<string> {
  const rules = [{ apiGroups: [''], resources: ['pods', 'configmaps'], verbs: ['get', 'list', 'create'] }]
  await client.request('POST', `${RBAC}/roles`, { metadata: { name: 'bench' }, rules })
  await client.request('POST', `${RBAC}/rolebindings`, {
    metadata: { name: 'bench' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'bench' },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'default' }],
  })
  const answer = await client.request('POST', `${NAMESPACE}/serviceaccounts/default/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {},
  })
  return (answer as { status: { token: string } }).status.token
}

async function start(directory: string, flags: readonly string[]): Promise<Served> {
  await mkdir(directory)
  const home = await createApiServerHome(directory)
  const server = await ApiProcess.start(home, { flags })
  const client = createClient({
    connection: { server: server.url, ca: home.ca, token: home.token },
    userAgent: 'bench',
  })
  await client.request('POST', `${NAMESPACE}/pods`, JSON.parse(POD.replace('NAME', 'read')))
  const token = flags === OFF ? home.token : await accountToken(client)
  await client.close()
  const { hostname: host, port } = new URL(server.url)
  return { target: { host, port: Number(port), ca: home.ca, token }, pid: server.child.pid!, stop: () => server.end() }
}

const create =
  (path: string, body: string) =>
  (run: number): Task => ({
    do: 'create',
    path: `${NAMESPACE}/${path}`,
    body,
    prefix: `run-${run}`,
    connections: CONNECTIONS,
    ms: RUN_MS,
  })

const MEASUREMENTS: readonly { name: string; wanted: string; task(run: number): Task }[] = [
  {
    name: 'GET one pod: processor time with security to without',
    wanted: '< 1.10',
    task: () => ({ do: 'read', path: `${NAMESPACE}/pods/read`, connections: CONNECTIONS, ms: RUN_MS }),
  },
  {
    name: 'create a ConfigMap: the same',
    wanted: '< 1.15',
    task: create('configmaps', CONFIG_MAP),
  },
  { name: 'create a Pod, with the volume of its token: the same', wanted: '', task: create('pods', POD) },
]

export const auth: Benchmark = {
  name: 'auth',
  description: 'What authentication by signed tokens, roles and admission add to a request, with them on and off.',
  async run(): Promise<Series[]> {
    const directory = await mkdtemp(join(tmpdir(), 'kubeproc-bench-'))
    const load = startLoad()
    const [on, off] = await Promise.all([start(join(directory, 'on'), []), start(join(directory, 'off'), OFF)])
    const costOf = async ({ target, pid }: Served, task: Task) => {
      const { serverCpuSeconds, seconds, count } = await load.run(task, target, pid)
      return (serverCpuSeconds ?? seconds) / count
    }
    try {
      const { letPass, admitPod } = await stepCosts()
      const samples = MEASUREMENTS.map((): number[] => [])
      const costs = MEASUREMENTS.map((): number[] => [])
      for (let run = 0; run <= RUNS; run++)
        for (const [index, { task }] of MEASUREMENTS.entries()) {
          const without = await costOf(off, task(run))
          const cost = await costOf(on, task(run))
          // The first run of each warms the servers up.
          if (run === 0) continue
          samples[index]!.push(cost / without)
          costs[index]!.push(cost)
        }
      const [reads, , pods] = costs as [number[], number[], number[]]
      const parts: Series[] = [
        {
          name: 'GET one pod: part of its processor time that letting it pass takes',
          unit: 'x',
          wanted: '< 0.10',
          samples: reads.map((cost) => letPass / cost),
        },
        {
          name: 'create a Pod: part that letting it pass and admitting it takes',
          unit: 'x',
          wanted: '< 0.15',
          samples: pods.map((cost) => (letPass + admitPod) / cost),
        },
      ]
      const ratios = MEASUREMENTS.map(
        ({ name, wanted }, index): Series => ({
          name,
          unit: 'x',
          samples: samples[index]!,
          ...(wanted !== '' && { wanted }),
        }),
      )
      return [...parts, ...ratios]
    } finally {
      await Promise.all([load.stop(), on.stop(), off.stop()])
      await rm(directory, { recursive: true })
    }
  },
}
