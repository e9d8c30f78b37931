/** The real kubelet process with real containers on the real API server: what a user sees of pods. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Container, Pod } from '../../shared/api/pod/pod.ts'
import { configMaps, leases, nodes, pods } from '../../shared/client/resources.ts'
import { testDirectory } from '../support/directory.ts'
import { observe } from '../support/observe.ts'
import type { Partly } from '../support/pods.ts'
import { startTestNode, statusOf } from '../support/test-node.ts'
import { allGone, eventually, isAlive, lineIn } from './runtime/support.ts'

const node = await startTestNode(testDirectory(t), [
  '--crash-loop-backoff-initial=300ms',
  '--node-lease-duration-seconds=4',
  '--node-labels=disk=ssd',
])
t.teardown(() => node.stop())
const { server, kubelet, signal, seenEvents, until, untilReady, untilGone, untilEvent, logOf } = node

/** Creates a pod of one container `c` that is bound to the node. */
const create = (name: string, container: Partly<Container>, spec: Partly<Pod['spec']> = {}): Promise<Pod> =>
  node.create(name, { ...node.one(container), ...spec })

const pidOf = (pod: Pod) => node.pidOf(statusOf(pod)!.containerID!)
const deletePod = node.delete

t.test('the node is registered, Ready, and renews its lease', async (t) => {
  const node = await server.client.get(nodes, { name: kubelet.name })
  t.match(node.metadata.labels, { disk: 'ssd', 'kubernetes.io/hostname': kubelet.name })
  t.match(node.status.nodeInfo, { kubeletVersion: 'v1.33.0+kubeproc', containerRuntimeVersion: /^process:/ })
  t.match(
    node.status.conditions?.find(({ type }) => type === 'Ready'),
    { status: 'True', reason: 'KubeletReady' },
  )
  const seen = observe(server.client, leases, signal)
  const first = await seen.until(([lease]) => lease)
  t.match(first, {
    metadata: { namespace: 'kube-node-lease', ownerReferences: [{ kind: 'Node', uid: node.metadata.uid }] },
    spec: { holderIdentity: kubelet.name, leaseDurationSeconds: 4 },
  })
  await seen.until((all) => all.find(({ spec }) => spec.renewTime !== first.spec.renewTime))
  for (const reason of ['Starting', 'NodeHasSufficientMemory', 'NodeReady']) {
    await seenEvents.until((all) =>
      all.find((event) => event.involvedObject.kind === 'Node' && event.reason === reason),
    )
  }
})

t.test('what others write into the node’s conditions is put right', async () => {
  const condition = { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message: 'x' }
  const body = { status: { conditions: [condition] } }
  await server.client.patch(nodes, { name: kubelet.name }, { type: 'strategic', body, subresource: 'status' })
  await observe(server.client, nodes, signal).until(([node]) =>
    node?.status.conditions?.find(({ type, status }) => type === 'Ready' && status === 'True'),
  )
})

t.test('a pod runs, with its environment, and ends gracefully', async (t) => {
  await server.client.create(configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'conf', namespace: 'default' },
    data: { COLOR: 'red' },
  })
  const script = `
    process.on('SIGTERM', () => process.exit(5))
    console.log(process.env.COLOR, process.env.IP, process.argv[1])
    setInterval(() => {}, 1e6)`
  await create('runs', {
    command: ['node', '-e', script],
    args: ['$(IP)'],
    envFrom: [{ configMapRef: { name: 'conf' } }],
    env: [{ name: 'IP', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } } }],
  })
  const pod = await untilReady('runs')
  const { podIP, hostIP, phase } = pod.status
  t.equal(phase, 'Running')
  t.not(podIP, hostIP)
  await lineIn(logOf(pod), new RegExp(`^red ${podIP} ${podIP}$`))
  await untilEvent('runs', 'Started', 'Started container c')
  await untilEvent('runs', 'Created', 'Created container: c')
  const pid = pidOf(pod)
  await deletePod('runs', 30)
  t.match(statusOf(await until('runs', (now) => statusOf(now)?.state.terminated)), {
    state: { terminated: { exitCode: 5 } },
  })
  await untilGone('runs')
  await untilEvent('runs', 'Killing', 'Stopping container c')
  t.notOk(isAlive(pid))
  await eventually(async () => !existsSync(join(kubelet.rootDirectory, 'pods', pod.metadata.uid)), { everyMs: 5 })
})

t.test('a program that does not heed SIGTERM is killed after its grace', async (t) => {
  const script = 'process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1e6)'
  await create('stubborn', { command: ['node', '-e', script] })
  await lineIn(logOf(await untilReady('stubborn')), /^up$/)
  await deletePod('stubborn')
  t.match(statusOf(await until('stubborn', (pod) => statusOf(pod)?.state.terminated))?.state.terminated, {
    exitCode: 137,
  })
  await untilGone('stubborn')
})

t.test('a program that ends again and again is restarted with growing waits', async (t) => {
  await create('crash', { command: ['sh', '-c', 'exit 7'] })
  const pod = await until('crash', (now) => statusOf(now)?.state.waiting?.reason === 'CrashLoopBackOff')
  t.match(statusOf(pod), { restartCount: 1, ready: false, lastState: { terminated: { exitCode: 7, reason: 'Error' } } })
  t.equal(pod.status.phase, 'Running')
  await untilEvent(
    'crash',
    'BackOff',
    `Back-off restarting failed container c in pod crash_default(${pod.metadata.uid})`,
  )
  await until('crash', (now) => statusOf(now)!.restartCount >= 2)
  await deletePod('crash')
  await untilGone('crash')
})

t.test('a pod that is not restarted completes', async (t) => {
  await create('done', { command: ['true'] }, { restartPolicy: 'Never' })
  const pod = await until('done', ({ status }) => status.phase === 'Succeeded')
  t.match(statusOf(pod)?.state.terminated, { exitCode: 0, reason: 'Completed' })
  t.match(
    pod.status.conditions?.find(({ type }) => type === 'Ready'),
    { status: 'False', reason: 'PodCompleted' },
  )
})

t.test('a failed liveness probe restarts the container', async (t) => {
  const script = `
    let asked = 0
    require('node:http').createServer((_, answer) => answer.writeHead(asked++ < 1 ? 200 : 500).end()).listen(8080)`
  await create('sick', {
    command: ['node', '-e', script],
    livenessProbe: {
      httpGet: { path: '/', port: 8080 },
      periodSeconds: 1,
      failureThreshold: 1,
      initialDelaySeconds: 1,
    },
  })
  const pod = await until('sick', (now) => statusOf(now)?.lastState?.terminated)
  t.match(statusOf(pod), { lastState: { terminated: { exitCode: 143 } } })
  await untilEvent('sick', 'Unhealthy', 'Liveness probe failed: HTTP probe failed with statuscode: 500')
  await untilEvent('sick', 'Killing', 'Container c failed liveness probe, will be restarted')
  await deletePod('sick', 0)
})

t.test('what is missing is told', async (t) => {
  await create('no-image', { command: [], imagePullPolicy: 'Never' })
  await until('no-image', (pod) => statusOf(pod)?.state.waiting?.reason === 'ErrImageNeverPull')
  await untilEvent('no-image', 'Failed', 'Error: ErrImageNeverPull')
  await create('no-config', { envFrom: [{ configMapRef: { name: 'nosuch' } }] })
  const pod = await until('no-config', (now) => statusOf(now)?.state.waiting?.reason === 'CreateContainerConfigError')
  t.equal(statusOf(pod)?.state.waiting?.message, 'configmap "nosuch" not found')
  await create('no-program', { command: ['/no/such/program'] })
  await until('no-program', (now) => statusOf(now)?.state.waiting?.reason === 'RunContainerError')
  for (const name of ['no-image', 'no-config', 'no-program']) await deletePod(name)
  for (const name of ['no-image', 'no-config', 'no-program']) await untilGone(name)
})

/** Checks that the pod's container is still the very same, and Ready. */
async function isUntouched(t: Test, before: Pod, pid: number): Promise<void> {
  const after = await server.client.get(pods, { namespace: 'default', name: before.metadata.name })
  t.ok(isAlive(pid), 'the process lives')
  t.match(statusOf(after), { restartCount: 0, containerID: statusOf(before)!.containerID, ready: true })
}

t.test('a kubelet that was killed takes its containers back', async (t) => {
  await create('kept', { readinessProbe: { exec: { command: ['true'] }, periodSeconds: 1 } })
  await create('deleted-meanwhile', {})
  await create('replaced-meanwhile', {})
  const [kept, deleted, replaced] = [
    await untilReady('kept'),
    await untilReady('deleted-meanwhile'),
    await untilReady('replaced-meanwhile'),
  ]
  const pids = [kept, deleted, replaced].map(pidOf)
  await kubelet.kill()
  t.ok(pids.every(isAlive), 'containers outlive the kubelet')
  await deletePod('deleted-meanwhile', 0)
  await deletePod('replaced-meanwhile', 0)
  const successor = await create('replaced-meanwhile', {}, { nodeName: 'elsewhere' })
  await kubelet.start()
  await allGone(pids.slice(1))
  t.match(await server.client.get(pods, successor.metadata as { name: string; namespace: string }), {
    spec: { nodeName: 'elsewhere' },
  })
  await isUntouched(t, kept, pids[0]!)
  await server.client.delete(pods, { namespace: 'default', name: 'replaced-meanwhile' }, { gracePeriodSeconds: 0 })
})

t.test('a pod that is deleted by force is ended at once', async () => {
  const pod = await untilReady('kept')
  const pid = pidOf(pod)
  await deletePod('kept', 0)
  await untilGone('kept')
  await allGone([pid])
})

t.test('a node that goes down ends its containers and continues at its next start', async (t) => {
  await create('continues', {})
  const pid = pidOf(await untilReady('continues'))
  t.equal(await kubelet.stop(), 0)
  t.notOk(isAlive(pid), 'nothing runs on')
  const down = await server.client.get(pods, { namespace: 'default', name: 'continues' })
  t.match(down, { status: { phase: 'Running' } }, 'the pod stays')
  const node = await server.client.get(nodes, { name: 'node-1' })
  t.match(
    node.status.conditions?.find(({ type }) => type === 'Ready'),
    { status: 'False', reason: 'KubeletNotReady', message: 'node is shutting down' },
  )
  t.equal(down.metadata.deletionTimestamp, undefined)
  await kubelet.start()
  t.equal(statusOf(await until('continues', (pod) => statusOf(pod)?.restartCount === 1))?.restartCount, 1)
  await untilReady('continues')
  await deletePod('continues')
  await untilGone('continues')
})
