/** The cluster of `docker-compose.yml` on a real engine: what it is made of, what one does with it, and what breaks it. */
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import type { Pod } from '../../shared/api/pod/pod.ts'
import type { ReplicationController } from '../../shared/api/replication-controller.ts'
import { pods, replicationControllers } from '../../shared/client/resources.ts'
import { identity, isReady, listPods, NAMESPACE, waitForReady } from '../cluster/replicated-app.ts'
import { findKubectl, run } from '../support/cluster.ts'
import { testDirectory } from '../support/directory.ts'
import { COMPOSE_FILE, ComposeCluster, DEADLINE_MS, REPOSITORY } from './compose-cluster.ts'
import { BASE_IMAGE, docker, findEngine } from './engine.ts'

const engine = await findEngine()
const hasKubectl = (await findKubectl()) !== undefined
const NODES = ['node-1', 'node-2', 'node-3']
const CONTROL_PLANE = ['apiserver', 'controller-manager', 'scheduler']
const APP = 'kubia'
const RC = { name: APP, namespace: NAMESPACE }
const IMAGE_BYTES_MAX = 300e6

interface Inspected {
  Config: { User: string }
  HostConfig: {
    CapAdd: string[] | null
    CapDrop: string[] | null
    Privileged: boolean
    ReadonlyRootfs: boolean
    SecurityOpt: string[] | null
    RestartPolicy: { Name: string }
  }
  NetworkSettings: { Ports: Record<string, { HostIp: string }[] | null> }
}

const inspect = async (cluster: ComposeCluster, service: string): Promise<Inspected> =>
  JSON.parse(await docker('inspect', await cluster.container(service)))[0]

/** `kubectl` here and now; where it is not installed, the steps that need it are left out. */
async function kubectl(t: Test, cluster: ComposeCluster, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await cluster.kubectl(...args)
  t.equal(code, 0, `kubectl ${args.join(' ')} ${stderr}`)
  return stdout
}

const ready = (cluster: ComposeCluster, count: number) => waitForReady(cluster.client, APP, count, DEADLINE_MS)

const scale = (cluster: ComposeCluster, replicas: number) =>
  cluster.client.patch(replicationControllers, RC, { type: 'merge', body: { spec: { replicas } } })

/** The pods' programs that run anywhere, those that nobody wants any more included. */
async function programs(cluster: ComposeCluster, services: readonly string[] = NODES): Promise<string[]> {
  const lists = await Promise.all(services.map((service) => cluster.processes(service)))
  return lists.flat().filter((line) => /^\s*\d+\s+node \/app\.js$/.test(line))
}

/** As many pods as wanted, all ready, none ending, and one program for each. */
const settled = (cluster: ComposeCluster, count: number, services?: readonly string[]) =>
  cluster.waitFor(`${count} pods and no more`, async () => {
    const all = await listPods(cluster.client, APP)
    const running = await programs(cluster, services)
    return all.length === count && all.every(isReady) && running.length === count && all
  })

/** Asks a pod who it is, from the container of a node. */
const askFrom = (cluster: ComposeCluster, node: string, { status }: Pod) =>
  cluster.exec(node, 'node', '-e', `fetch('http://${status?.podIP}:8080').then((a) => a.text()).then(console.log)`)

async function reachesEveryPod(t: Test, cluster: ComposeCluster, all: readonly Pod[], from: readonly string[] = NODES) {
  for (const pod of all) {
    const answers = from.map((node) =>
      cluster.waitFor(`${pod.metadata.name} answers ${node}`, async () => {
        return (await askFrom(cluster, node, pod)) === `You've hit ${pod.metadata.name}`
      }),
    )
    await t.resolves(Promise.all(answers), `${pod.metadata.name} is reached from ${from.join(', ')}`)
  }
}

type Story = (t: Test, cluster: ComposeCluster) => Promise<void>

const STORIES: Readonly<Record<string, Story>> = {
  async 'an image that is small, and three nodes that are Ready'(t, cluster) {
    await cluster.build()
    const sizeOf = async (image: string) => Number(await docker('image', 'inspect', '--format={{.Size}}', image))
    const bytes = (await sizeOf(cluster.image)) - (await sizeOf(BASE_IMAGE))
    t.ok(bytes < IMAGE_BYTES_MAX, `${Math.round(bytes / 1e6)} MB on top of ${BASE_IMAGE}`)
    await cluster.up()
  },

  async 'the administrator’s files, for the eyes of the checkout’s owner'(t, cluster) {
    const { uid } = statSync(COMPOSE_FILE)
    for (const name of ['kubeconfig', 'curl.conf', 'ca.crt']) {
      const file = statSync(join(cluster.adminDirectory, name))
      t.match(file, { uid, mode: 0o100600 }, name)
    }
    const curl = await run('curl', ['-K', join(cluster.adminDirectory, 'curl.conf'), `${cluster.server}/api/v1/nodes`])
    t.equal(JSON.parse(curl.stdout).items.length, 3, 'curl.conf is all that curl needs')
  },

  async 'no more rights than needed, and one port on loopback'(t, cluster) {
    for (const service of CONTROL_PLANE) {
      const { Config, HostConfig } = await inspect(cluster, service)
      t.equal(Config.User, 'kubeproc', `${service} runs without root`)
      const wanted = { CapDrop: ['ALL'], Privileged: false, ReadonlyRootfs: true, CapAdd: null }
      t.match({ ...HostConfig, CapAdd: HostConfig.CapAdd ?? null }, wanted, `${service} may do nothing`)
      t.ok(HostConfig.SecurityOpt?.includes('no-new-privileges:true'), `${service} cannot gain rights`)
      const status = await cluster.exec(service, 'cat', '/proc/1/status')
      t.match(status, /^Uid:\t10001\t/m)
      t.match(status, /^CapEff:\t0+$/m)
      t.match(status, /^CapBnd:\t0+$/m)
      await t.rejects(cluster.exec(service, 'touch', '/opt/kubeproc/x'), /Read-only file system/)
    }
    for (const node of NODES) {
      const { HostConfig } = await inspect(cluster, node)
      t.equal(HostConfig.Privileged, false)
      const added = HostConfig.CapAdd?.map((name) => name.replace(/^CAP_/, '')).sort()
      t.same(added, ['NET_ADMIN', 'SYS_ADMIN', 'SYS_PTRACE'], `${node} has what namespaces take`)
    }
    for (const service of [...CONTROL_PLANE, ...NODES]) {
      const { NetworkSettings, HostConfig } = await inspect(cluster, service)
      t.equal(HostConfig.RestartPolicy.Name, 'unless-stopped')
      const published = Object.values(NetworkSettings.Ports).flatMap((ports) => ports ?? [])
      t.same(
        published.map(({ HostIp }) => HostIp),
        service === 'apiserver' ? ['127.0.0.1'] : [],
        `ports of ${service}`,
      )
    }
  },

  async 'no secret in what the engine shows'(t, cluster) {
    const admin = readFileSync(cluster.kubeconfig, 'utf8')
    const bootstrap = await cluster.exec('node-1', 'cat', '/etc/kubeproc/node/bootstrap.kubeconfig')
    const secrets = [admin, bootstrap].flatMap((text) =>
      [...text.matchAll(/"?(?:token|client-key-data)"?: "?([\w+/=.-]{20,})/g)].map(([, secret]) => secret!),
    )
    t.ok(secrets.length >= 3, 'a key and two tokens')
    const shown = await Promise.all([
      docker('inspect', ...(await cluster.list('container'))),
      docker('history', '--no-trunc', cluster.image),
      cluster.compose('logs', '--no-color'),
      ...NODES.map(async (node) => (await cluster.processes(node)).join('\n')),
    ])
    for (const text of shown) {
      t.ok(text.length > 0)
      t.notOk(secrets.some((secret) => text.includes(secret)))
      t.notMatch(text, /PRIVATE KEY/)
    }
  },

  async 'three pods on three nodes, each reached by its address'(t, cluster) {
    const manifest = parse(readFileSync(join(REPOSITORY, 'examples/kubia-rc.yaml'), 'utf8'))
    // The program takes no notice of SIGTERM, as any that is a container's first.
    manifest.spec.template.spec.terminationGracePeriodSeconds = 1
    await cluster.client.create(replicationControllers, {
      ...(manifest as ReplicationController),
      metadata: { ...manifest.metadata, namespace: NAMESPACE },
    })
    const all = await ready(cluster, 3)
    t.same(all.map(({ spec }) => spec.nodeName).sort(), NODES)
    t.equal(new Set(all.map(({ status }) => status?.podIP)).size, 3, 'each has an address of its own')
    await reachesEveryPod(t, cluster, all)
  },

  async 'logs and exec reach the pods of every node'(t, cluster) {
    if (!hasKubectl) return void t.comment('kubectl is not installed')
    const all = await ready(cluster, 3)
    for (const [index, { metadata }] of all.entries()) {
      const next = all[(index + 1) % all.length]!
      const script = `fetch('http://${next.status?.podIP}:8080').then((a) => a.text()).then(console.log)`
      t.equal(
        (await kubectl(t, cluster, 'exec', metadata.name, '--', 'node', '-e', script)).trim(),
        `You've hit ${next.metadata.name}`,
        'a pod reaches a pod of another node',
      )
      t.match(
        await kubectl(t, cluster, 'logs', next.metadata.name),
        new RegExp(`^Received request from .*${all[index]!.status!.podIP!.replaceAll('.', '\\.')}$`, 'm'),
        'and is seen with its own address',
      )
    }
  },

  async 'more pods, and a new one for each that is deleted'(t, cluster) {
    await scale(cluster, 6)
    const [first] = await settled(cluster, 6)
    await cluster.client.delete(pods, { name: first!.metadata.name, namespace: NAMESPACE })
    const after = await cluster.waitFor('the pod is replaced', async () => {
      const all = await settled(cluster, 6)
      return !all.some(({ metadata }) => metadata.uid === first!.metadata.uid) && all
    })
    t.same(new Set(after.map(({ spec }) => spec.nodeName)), new Set(NODES))
  },

  async 'a node is killed, its pods are replaced, and it comes back'(t, cluster) {
    await docker('kill', await cluster.container('node-2'))
    await cluster.waitForNode('node-2', false)
    const replaced = await cluster.waitFor('the pods run elsewhere', async () => {
      const all = (await listPods(cluster.client, APP)).filter(isReady)
      return all.length === 6 && !all.some(({ spec }) => spec.nodeName === 'node-2') && all
    })
    await reachesEveryPod(t, cluster, replaced, ['node-1', 'node-3'])
    await cluster.up()
    t.same(identity(await settled(cluster, 6)), identity(replaced), 'what replaced them stays')
  },

  async 'a node is cut off, its pods are replaced, and nothing runs twice when it is back'(t, cluster) {
    const [network, container] = [await cluster.network(), await cluster.container('node-3')]
    await docker('network', 'disconnect', network, container)
    const before = await programs(cluster, ['node-3'])
    t.ok(before.length > 0, 'the node has pods')
    await cluster.waitForNode('node-3', false)
    const replaced = await cluster.waitFor('the pods run elsewhere', async () => {
      const all = (await listPods(cluster.client, APP)).filter(isReady)
      return all.length === 6 && !all.some(({ spec }) => spec.nodeName === 'node-3') && all
    })
    t.same(await programs(cluster, ['node-3']), before, 'nobody could tell the node')
    await docker('network', 'connect', network, container)
    await cluster.waitForNode('node-3', true)
    const all = await settled(cluster, 6)
    t.same(identity(all), identity(replaced), 'what replaced them stays')
    await reachesEveryPod(t, cluster, all)
  },

  async 'the API server is restarted, killed and dies: no pod notices'(t, cluster) {
    const before = await settled(cluster, 6)
    const running = (await programs(cluster)).sort()
    await cluster.compose('restart', 'apiserver')
    await cluster.waitForNodes(3)
    await docker('kill', await cluster.container('apiserver'))
    await cluster.up()
    // Without the engine's doing: its restart policy brings it back. The shell goes with the container.
    await run('docker', ['exec', await cluster.container('apiserver'), 'sh', '-c', 'kill -9 -1'])
    await cluster.waitForNodes(3)
    t.same(identity(await settled(cluster, 6)), identity(before))
    t.same((await programs(cluster)).sort(), running, 'the same processes')
  },

  async 'controllers and scheduler are killed, and go on at once when they are back'(t, cluster) {
    await docker('kill', await cluster.container('controller-manager'), await cluster.container('scheduler'))
    await scale(cluster, 7)
    await cluster.up()
    t.equal((await settled(cluster, 7)).length, 7)
  },

  async 'a node that is stopped ends its pods, and starts them again'(t, cluster) {
    await cluster.compose('stop', 'node-1')
    const state = await docker('inspect', '--format={{.State.ExitCode}}', await cluster.container('node-1'))
    t.equal(state, '0', 'it had the time that it needs')
    await cluster.compose('start', 'node-1')
    await cluster.waitForNodes(3)
    await settled(cluster, 7)
  },

  async 'a fourth node by one copied block'(t, cluster) {
    const text = readFileSync(COMPOSE_FILE, 'utf8')
    const block = /^ {2}node-3:\n(?: {4}.*\n)+/m.exec(text)![0]
    const copied = block.replaceAll('node-3', 'node-4')
    const file = join(cluster.adminDirectory, 'docker-compose.yml')
    writeFileSync(file, text.replace(block, block + copied).replace(/^ {2}node-3:$(?!\n {4})/m, '  node-3:\n  node-4:'))
    const containers = await Promise.all(NODES.map((node) => cluster.container(node)))
    cluster.useFile(file)
    await cluster.up(4)
    t.same(await Promise.all(NODES.map((node) => cluster.container(node))), containers, 'the others run on')
    // More than the other nodes without pods take before it is its turn.
    await scale(cluster, 12)
    const all = await settled(cluster, 12, [...NODES, 'node-4'])
    t.ok(all.some(({ spec }) => spec.nodeName === 'node-4'))
    await reachesEveryPod(t, cluster, all, ['node-1', 'node-4'])
  },

  async 'down -v leaves nothing, and up makes a new cluster'(t, cluster) {
    await cluster.down()
    for (const kind of ['container', 'volume', 'network'] as const) t.same(await cluster.list(kind), [], kind)
    await cluster.up(4)
    t.same(await listPods(cluster.client, APP), [])
  },
}

const adminDirectory = testDirectory(t)
const cluster = 'missing' in engine ? undefined : await ComposeCluster.define(engine.compose, adminDirectory)
if (cluster !== undefined) t.teardown(() => cluster.remove())
for (const [title, story] of Object.entries(STORIES))
  t.test(title, { skip: 'missing' in engine && engine.missing }, (t) => story(t, cluster!))
