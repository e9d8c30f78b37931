/** What becomes of pods whose programs misbehave: reason, message and event as upstream's, and a kubelet that lives on. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import type { ContainerStatus, Pod } from '../../../shared/api/pod/pod.ts'
import { configMaps } from '../../../shared/client/resources.ts'
import { processesOf } from '../../support/cluster.ts'
import { testDirectory } from '../../support/directory.ts'
import type { Partly } from '../../support/pods.ts'
import { SLEEP, startTestNode, statusOf } from '../../support/test-node.ts'
import { until } from '../../support/until.ts'
import { command, lineIn, textsOf } from '../runtime/support.ts'

const directory = testDirectory(t)
const node = await startTestNode(directory, ['--crash-loop-backoff-initial=300ms'])
t.teardown(() => node.stop())
const kubeletPid = node.kubelet.pid
await node.client.create(configMaps, {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'conf', namespace: 'default' },
  data: {},
})

/** The command line of a fixture of pods. */
const own = (name: string) => [
  name.endsWith('.sh') ? 'sh' : 'node',
  fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url)),
]
const hangs = { exec: { command: own('hangs-when-asked.sh') }, periodSeconds: 1, failureThreshold: 1 }

interface Row {
  title: string
  name: string
  container: Partly<Pod['spec']['containers'][number]>
  restartPolicy?: 'Never'
  /** How the container is at one moment, which stays or comes again: it may be looked at late. */
  wanted: Partly<ContainerStatus>
  /** An event about it: reason and the beginning of its message. */
  event?: [reason: string, message: string]
}

const rows: Row[] = [
  {
    title: 'dies of a signal at once',
    name: 'segfaults',
    container: { command: own('segfaults.sh') },
    wanted: {
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 139, reason: 'Error' } },
    },
    event: ['BackOff', 'Back-off restarting failed container c in pod segfaults_default'],
  },
  {
    title: 'ends well though it should not end',
    name: 'ends',
    container: { command: ['true'] },
    wanted: {
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 0, reason: 'Completed' } },
    },
  },
  {
    title: 'hangs in its liveness probe',
    name: 'hangs',
    container: { command: SLEEP, livenessProbe: hangs },
    wanted: { lastState: { terminated: { exitCode: 143, reason: 'Error' } } },
    event: [
      'Unhealthy',
      `Liveness probe failed: command timed out: "${own('hangs-when-asked.sh').join(' ')}" timed out after 1s`,
    ],
  },
  {
    title: 'answers its probe with a megabyte',
    name: 'talks',
    container: { command: SLEEP, readinessProbe: { ...hangs, exec: { command: own('prints-much.sh') } } },
    wanted: { ready: false, state: { running: {} } },
    event: ['Unhealthy', 'Readiness probe failed: xxxxx'],
  },
  {
    title: 'has a probe that asks a host that cannot be one',
    name: 'no-host',
    container: { command: SLEEP, readinessProbe: { httpGet: { host: 'no host', port: 80 }, periodSeconds: 1 } },
    wanted: { ready: false, state: { running: {} } },
    event: ['Unhealthy', 'Readiness probe errored and resulted in unknown state: parse "http://no host:80/": '],
  },
  {
    title: 'has a hook that asks a host that cannot be one',
    name: 'no-hook',
    container: { command: SLEEP, lifecycle: { postStart: { httpGet: { host: 'no host', port: 80 } } } },
    wanted: { lastState: { terminated: { exitCode: 143, reason: 'Error' } } },
    event: ['FailedPostStartHook', 'PostStartHook failed'],
  },
  {
    title: 'makes its termination log a directory',
    name: 'no-message',
    container: { command: ['sh', '-c', 'rm /dev/termination-log; mkdir /dev/termination-log'] },
    restartPolicy: 'Never',
    wanted: { state: { terminated: { exitCode: 0, reason: 'Completed' } } },
  },
  {
    title: 'closes its outputs and goes on',
    name: 'closes',
    container: { command: command('closes-output.sh') },
    wanted: { ready: true, restartCount: 0, state: { running: {} } },
  },
  {
    title: 'prints what is no text',
    name: 'garbage',
    container: { command: own('prints-garbage.cjs'), terminationMessagePolicy: 'FallbackToLogsOnError' },
    restartPolicy: 'Never',
    wanted: { state: { terminated: { exitCode: 4, reason: 'Error' } } },
  },
  {
    title: 'is not there',
    name: 'nowhere',
    container: { command: ['/no/such/program'] },
    restartPolicy: 'Never',
    wanted: { state: { terminated: { exitCode: 128, reason: 'StartError' } } },
    event: ['Failed', 'Error: failed to start container "c": '],
  },
  {
    title: 'is a directory',
    name: 'directory',
    container: { command: ['/tmp'] },
    restartPolicy: 'Never',
    wanted: { state: { terminated: { exitCode: 128, reason: 'StartError' } } },
    event: ['Failed', 'Error: failed to start container "c": '],
  },
  {
    title: 'misses an entry of a ConfigMap',
    name: 'no-entry',
    container: { command: SLEEP, env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'conf', key: 'no' } } }] },
    wanted: {
      state: {
        waiting: {
          reason: 'CreateContainerConfigError',
          message: "couldn't find key no in ConfigMap default/conf",
        },
      },
    },
    event: ['Failed', "Error: couldn't find key no in ConfigMap default/conf"],
  },
]

const untilStatus = async (t: Test, name: string, wanted: Partly<ContainerStatus>) => {
  const matches = (given: unknown, pattern: unknown): boolean =>
    typeof pattern === 'object' && pattern !== null
      ? Object.entries(pattern).every(([key, value]) => matches((given as Record<string, unknown>)?.[key], value)) &&
        given !== undefined
      : given === pattern
  const pod = await node.until(name, (now) => statusOf(now) !== undefined && matches(statusOf(now), wanted))
  t.match(statusOf(pod), wanted)
}

async function forks(t: Test) {
  await node.create('forks', node.one({ command: own('forks-a-thousand.sh') }))
  const pod = await node.untilReady('forks')
  await lineIn(node.logOf(pod), /^ready$/)
  const children = () => processesOf(join(node.kubelet.rootDirectory, 'pods', pod.metadata.uid))
  t.ok(children().length >= 1000)
  await node.delete('forks', 0)
  await node.untilGone('forks')
  await until(() => children().length === 0, { describe: () => children().length })
}

async function floods(t: Test) {
  const script = `
    let line = 0
    const timer = setInterval(() => {
      for (let count = 0; count < 1000; count++) console.log('line', line++)
      if (line === 20_000) clearInterval(timer)
    }, 100)`
  await node.create('floods', { ...node.one({ command: ['node', '-e', script] }), restartPolicy: 'Never' })
  await node.create('beside', node.one({}))
  await node.untilReady('beside')
  const pod = await node.until('floods', ({ status }) => status.phase === 'Succeeded')
  const lines = textsOf(node.logOf(pod))
  t.equal(lines.length, 20_000)
  t.equal(
    lines.findIndex((line, index) => line !== `line ${index}`),
    -1,
  )
}

t.test('programs that misbehave', { jobs: rows.length + 2 }, async (t) => {
  t.test('a thousand children end with the pod', forks)
  t.test('ten thousand lines a second are all kept, and hold nobody up', floods)
  for (const { title, name, container, restartPolicy, wanted, event } of rows) {
    t.test(title, async (t) => {
      await node.create(name, { ...node.one(container), ...(restartPolicy && { restartPolicy }) })
      await untilStatus(t, name, wanted)
      if (event === undefined) return
      const [reason, message] = event
      await node.seenEvents.until(
        (all) =>
          all.find(
            (one) => one.involvedObject.name === name && one.reason === reason && one.message?.startsWith(message),
          ),
        30_000,
      )
    })
  }
})

t.test('the kubelet has lived through all of it', async (t) => {
  t.equal(node.kubelet.pid, kubeletPid)
  process.kill(kubeletPid, 0)
  t.notMatch(node.kubelet.log(), /"level":(50|60)/, 'and found nothing wrong with itself')
})
