/**
 * Two controller managers and two schedulers, of which the leader is killed or frozen while there is work to do: another
 * takes over, a frozen one that thaws gives up, and in the end there are exactly the pods that are wanted, each on a
 * node that has room for it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Draft } from '../../shared/api/kind.ts'
import type { Pod } from '../../shared/api/pod/pod-model.ts'
import type { ReplicaSet } from '../../shared/api/replica-set.ts'
import type { Client } from '../../shared/client/client.ts'
import { createClient } from '../../shared/client/http-client.ts'
import { leases, pods, replicaSets } from '../../shared/client/resources.ts'
import { ApiProcess, type ApiServerHome, createApiServerHome } from '../support/api-process.ts'
import { createRandom, type Random } from '../support/random.ts'
import { until } from '../support/until.ts'

const SOURCES = fileURLToPath(new URL('../..', import.meta.url))
const NODES = 3
const PODS_PER_NODE = 8
const REPLICAS_MAX = NODES * PODS_PER_NODE
const ELECTION = [
  '--leader-elect-lease-duration=2s',
  '--leader-elect-renew-deadline=1500ms',
  '--leader-elect-retry-period=200ms',
]
const DEADLINE_MS = 60_000
const KEY = { name: 'web', namespace: 'default' }
const KINDS = ['controller-manager', 'scheduler'] as const
type Kind = (typeof KINDS)[number]

export interface LeadersOptions {
  directory: string
  seed: number
  /** How often the leaders are brought down. */
  rounds: number
  report?: (line: string) => void
}

export interface LeadersResult {
  kills: number
  freezes: number
  faults: string[]
}

/** One process of a component, and the name under which it stands for election. */
interface Member {
  child: ChildProcess
  identity: string
  exited: Promise<unknown>
}

async function startComponent(name: string, flags: readonly string[]): Promise<{ child: ChildProcess; log: string[] }> {
  const env = { ...process.env, NODE_COMPILE_CACHE: `${SOURCES}node_modules/.cache/kubeproc` }
  const args = [`${SOURCES}${name}/main.ts`, ...flags, '--lifeline']
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'], env })
  const log: string[] = []
  createInterface({ input: child.stderr! }).on('line', (line) => log.push(line))
  const ended = once(child, 'exit').then(() => undefined)
  const ready = await Promise.race([once(createInterface({ input: child.stdout! }), 'line'), ended])
  if (ready === undefined) throw new Error(`${name} ended before it was ready: ${log.join('\n')}`)
  return { child, log }
}

async function startMember(kind: Kind, kubeconfig: string): Promise<Member> {
  const { child, log } = await startComponent(kind, [`--kubeconfig=${kubeconfig}`, ...ELECTION])
  const said = log.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'Taking part in leader election')
  return { child, identity: said.identity, exited: once(child, 'exit') }
}

async function writeKubeconfig({ directory, ca, token }: ApiServerHome, server: string): Promise<string> {
  const path = join(directory, 'kubeconfig')
  const cluster = { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') }
  const content = {
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'test', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  }
  await writeFile(path, JSON.stringify(content), { mode: 0o600 })
  return path
}

const replicaSet = (): Draft<ReplicaSet> =>
  ({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: KEY,
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'x' }] } },
    },
  }) as Draft<ReplicaSet>

/** The two processes of each component. */
class Candidates {
  readonly #members: Readonly<Record<Kind, Member[]>> = { 'controller-manager': [], scheduler: [] }
  readonly #client: Client
  readonly #kubeconfig: string
  #isStopping = false

  constructor(client: Client, kubeconfig: string) {
    this.#client = client
    this.#kubeconfig = kubeconfig
  }

  async start(): Promise<void> {
    await Promise.all(KINDS.flatMap((kind) => [this.#add(kind), this.#add(kind)]))
  }

  /** One that ends, for whatever reason, gets a successor, as from the launcher. */
  async #add(kind: Kind): Promise<void> {
    const member = await startMember(kind, this.#kubeconfig)
    const members = this.#members[kind]
    members.push(member)
    void member.exited.then(async () => {
      members.splice(members.indexOf(member), 1)
      if (!this.#isStopping) await this.#add(kind)
    })
  }

  async #holder(kind: Kind): Promise<string> {
    const { spec } = await this.#client.get(leases, { name: `kube-${kind}`, namespace: 'kube-system' })
    return spec.holderIdentity ?? ''
  }

  /** Brings the leader down, and waits for another, and for a new candidate beside it. */
  async depose(kind: Kind, signal: 'SIGKILL' | 'SIGSTOP'): Promise<void> {
    const leader = await until(async () => {
      const holder = await this.#holder(kind)
      return this.#members[kind].find(({ identity }) => identity === holder)
    })
    leader.child.kill(signal)
    const describe = () => `${kind} has no other leader`
    await until(async () => !['', leader.identity].includes(await this.#holder(kind)), {
      deadlineMs: DEADLINE_MS,
      describe,
    })
    // One that was frozen finds out now, and ends.
    leader.child.kill('SIGCONT')
    await leader.exited
    await until(() => this.#members[kind].length === 2, { deadlineMs: DEADLINE_MS })
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    await Promise.all(KINDS.flatMap((kind) => this.#members[kind].map(({ child, exited }) => end(child, exited))))
  }
}

async function end(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await exited
}

/** Changes what is wanted, and takes away some of what is there. */
async function makeWork(client: Client, random: Random): Promise<number> {
  const replicas = random.below(REPLICAS_MAX + 1)
  await client.patch(replicaSets, KEY, { type: 'merge', body: { spec: { replicas } } })
  const { items } = await client.list(pods, { namespace: KEY.namespace })
  const victims = items.filter(() => random.chance(0.2))
  await Promise.all(
    victims.map(({ metadata: { name, uid } }) =>
      client
        .delete(pods, { name, namespace: KEY.namespace }, { gracePeriodSeconds: 0, preconditions: { uid } })
        // A controller may have deleted it meanwhile.
        .catch(() => undefined),
    ),
  )
  return replicas
}

const isRunning = ({ spec, status }: Pod) => spec.nodeName !== undefined && status.phase === 'Running'

/** Waits for exactly the pods that are wanted; tells what is wrong with where they are. */
async function settle(client: Client, replicas: number): Promise<string[]> {
  const listed = async () => (await client.list(pods, { namespace: KEY.namespace })).items
  const settled = await until(
    async () => {
      const all = await listed()
      return all.length === replicas && all.every(isRunning) && all
    },
    {
      deadlineMs: DEADLINE_MS,
      describe: async () => ({
        replicas,
        pods: (await listed()).map(({ metadata, spec, status }) => [metadata.name, spec.nodeName, status.phase]),
      }),
    },
  )
  const byNode = Map.groupBy(settled, ({ spec }) => spec.nodeName!)
  return [...byNode]
    .filter(([, onNode]) => onNode.length > PODS_PER_NODE)
    .map(([name, onNode]) => `${name} has ${onNode.length} pods, and room for ${PODS_PER_NODE}`)
}

export async function runLeaders(options: LeadersOptions): Promise<LeadersResult> {
  const { directory, seed, rounds, report = () => undefined } = options
  const random = createRandom(seed)
  const home = await createApiServerHome(directory)
  const server = await ApiProcess.start(home)
  const kubeconfig = await writeKubeconfig(home, server.url)
  const client = createClient({ kubeconfig, userAgent: 'test' })
  const candidates = new Candidates(client, kubeconfig)
  const hollow = ['--hollow', '--hostname-override=hollow', `--count=${NODES}`, `--max-pods=${PODS_PER_NODE}`]
  const [{ child: kubelet }] = await Promise.all([
    startComponent('kubelet', [`--kubeconfig=${kubeconfig}`, ...hollow]),
    candidates.start(),
  ])
  const kubeletExited = once(kubelet, 'exit')
  const result: LeadersResult = { kills: 0, freezes: 0, faults: [] }
  try {
    await client.create(replicaSets, replicaSet())
    for (let round = 0; round < rounds; round++) {
      const replicas = await makeWork(client, random)
      const signals = KINDS.map(() => random.pick(['SIGKILL', 'SIGSTOP'] as const))
      result.kills += signals.filter((signal) => signal === 'SIGKILL').length
      result.freezes += signals.filter((signal) => signal === 'SIGSTOP').length
      await Promise.all(KINDS.map((kind, index) => candidates.depose(kind, signals[index]!)))
      result.faults.push(...(await settle(client, replicas)))
      report(`${round + 1} of ${rounds} rounds`)
    }
  } finally {
    await candidates.stop()
    await end(kubelet, kubeletExited)
    await client.close()
    await server.end()
  }
  return result
}
