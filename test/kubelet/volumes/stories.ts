/** The real kubelet with the real API server: what a user sees of volumes in any runtime, one story for each group of kinds. */
import { randomInt } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, readlinkSync, statfsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { ConfigMap } from '../../../shared/api/config-map.ts'
import type { Draft } from '../../../shared/api/kind.ts'
import type { Container, Pod, PodSpec, Volume, VolumeMount } from '../../../shared/api/pod/pod.ts'
import type { Secret } from '../../../shared/api/secret.ts'
import { configMaps, events, pods, secrets } from '../../../shared/client/resources.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { startTestKubelet } from '../../support/kubelet.ts'
import { observe } from '../../support/observe.ts'
import { eventually } from '../runtime/support.ts'

const DEADLINE_MS = 30_000
const TMPFS = 0x01021994
const namespace = 'default'

/** What a story of one runtime alone needs. */
export interface VolumeWorld {
  /** Runs a container to its end and returns what it has said. */
  outputOf(name: string, volumes: Volume[], container: Partial<Container>): Promise<string>
  putConfig(name: string, data: Record<string, string>): Promise<unknown>
}

/** Paths in scripts begin with `$KUBEPROC_ROOT`, or are relative to it, so that they are right in each runtime. */
export async function tellVolumeStories(t: Test, runtime: 'process' | 'namespaces'): Promise<VolumeWorld> {
  // Tests that run side by side must not share addresses.
  const range = runtime === 'process' ? [] : [`--pod-cidr=10.${randomInt(100, 250)}.${randomInt(1, 250)}.0/24`]
  const directory = testDirectory(t)
  const server = await startTestApiServer(directory)
  const ending = new AbortController()
  const seenPods = observe(server.client, pods, ending.signal)
  const seenEvents = observe(server.client, events, ending.signal)
  const kubelet = await startTestKubelet(directory, {
    kubeconfig: server.kubeconfig,
    flags: [`--runtime=${runtime}`, '--volume-stats-agg-period=100ms', ...range],
  })
  t.teardown(async () => {
    await kubelet.stop()
    ending.abort()
    await server.close()
  })

  /** Creates a pod of one container `c` that is bound to the node. */
  const create = (name: string, volumes: Volume[], container: Partial<Container>, spec: Partial<PodSpec> = {}) =>
    server.client.create(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, labels: { app: name } },
      spec: {
        nodeName: kubelet.name,
        terminationGracePeriodSeconds: 1,
        restartPolicy: 'Never',
        volumes,
        containers: [{ name: 'c', image: 'none', ...container }],
        ...spec,
      },
    } as Draft<Pod>)

  const shell = (script: string) => ({ command: ['sh', '-c', script] })
  const mount = (name: string, mountPath: string, fields: Partial<VolumeMount> = {}) => ({ name, mountPath, ...fields })

  const until = (name: string, wanted: (pod: Pod) => unknown): Promise<Pod> =>
    seenPods.until((all) => all.find((pod) => pod.metadata.name === name && wanted(pod)), DEADLINE_MS)
  const untilPhase = (name: string, phase: string) => until(name, ({ status }) => status?.phase === phase)
  const stateOf = ({ status }: Pod, name = 'c') => status?.containerStatuses?.find((one) => one.name === name)?.state
  const untilEvent = (name: string, reason: string, message: string) =>
    seenEvents.until(
      (all) => all.find((one) => one.involvedObject.name === name && one.reason === reason && one.message === message),
      DEADLINE_MS,
    )

  async function remove(name: string): Promise<void> {
    await server.client.delete(pods, { namespace, name }, { gracePeriodSeconds: 0 })
    await seenPods.until((all) => (all.some(({ metadata }) => metadata.name === name) ? undefined : true), DEADLINE_MS)
  }

  /** What the pod's container has said. */
  function logOf({ metadata: { uid } }: Pod): string {
    const logs = join(kubelet.rootDirectory, 'pods', uid, 'logs/c')
    const [file] = readdirSync(logs)
    const lines = readFileSync(join(logs, file!), 'utf8').trimEnd().split('\n')
    return lines.map((line) => line.split(' ').slice(3).join(' ')).join('\n')
  }

  /** Runs a container to its end and returns what it has said. */
  async function outputOf(name: string, volumes: Volume[], container: Partial<Container>) {
    await create(name, volumes, container)
    const pod = await until(name, ({ status }) => status?.phase === 'Succeeded' || status?.phase === 'Failed')
    t.equal(pod.status?.phase, 'Succeeded', `${name} ends well`)
    return logOf(pod)
  }

  const putConfig = (name: string, data: Record<string, string>) =>
    server.client.create(configMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace },
      data,
    } as Draft<ConfigMap>)

  const putSecret = (name: string, data: Record<string, string>) =>
    server.client.create(secrets, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace },
      type: 'Opaque',
      data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')])),
    } as Draft<Secret>)

  await t.test('a ConfigMap: files, paths, modes, variables', async (t) => {
    await putConfig('conf', { color: 'red', 'app.json': '{}' })
    const all = { name: 'all', configMap: { name: 'conf' } }
    const one = { name: 'one', configMap: { name: 'conf', items: [{ key: 'color', path: 'a/b', mode: 0o400 }] } }
    const script = `cat etc/conf/color "$KUBEPROC_ROOT/etc/one/a/b" etc/conf/app.json "$FILE"; echo
    stat -Lc %a etc/conf/color etc/one/a/b`
    const out = await outputOf('config', [all, one], {
      ...shell(script),
      env: [{ name: 'FILE', value: '/etc/conf/color' }],
      volumeMounts: [mount('all', '/etc/conf'), mount('one', '/etc/one')],
    })
    t.equal(out, 'redred{}red\n644\n400')
    const words = { command: ['cat', '/etc/conf/color'], volumeMounts: [mount('all', '/etc/conf')] }
    t.equal(await outputOf('words', [all], words), 'red')
  })

  await t.test('files change together while the container runs', async (t) => {
    await putConfig('live', { a: '1', b: '1' })
    const script = 'until grep -q 2 live/a; do sleep 0.02; done; cat live/a live/b; test ! -e live/old || echo old'
    const volumes = [{ name: 'live', configMap: { name: 'live' } }]
    await create('live', volumes, { ...shell(script), volumeMounts: [mount('live', '/live')] })
    await untilPhase('live', 'Running')
    const data = { a: '2', b: '2', old: null }
    await server.client.patch(configMaps, { namespace, name: 'live' }, { type: 'merge', body: { data } })
    t.equal(logOf(await untilPhase('live', 'Succeeded')), '22')
  })

  await t.test('what is missing is waited for', async (t) => {
    const volumes = [{ name: 'key', secret: { secretName: 'late' } }]
    await create('waits', volumes, { ...shell('cat key/pin'), volumeMounts: [mount('key', '/key')] })
    await untilEvent('waits', 'FailedMount', 'MountVolume.SetUp failed for volume "key" : secret "late" not found')
    const waiting = await until('waits', (pod) => stateOf(pod)?.waiting)
    t.equal(stateOf(waiting)?.waiting?.reason, 'ContainerCreating')
    await putSecret('late', { pin: '1234' })
    t.equal(logOf(await untilPhase('waits', 'Succeeded')), '1234')
  })

  await t.test('a volume that this kubelet has no plugin for', async () => {
    const volumes = [{ name: 'data', nfs: { server: 'none', path: '/' } }]
    await create('nfs', volumes, { ...shell('true'), volumeMounts: [mount('data', '/data')] })
    const failed = 'failed to get Plugin from volumeSpec for volume "data" err=no volume plugin matched'
    const which = 'unmounted volumes=[data], unattached volumes=[], failed to process volumes=[data]'
    await untilEvent('nfs', 'FailedMount', `Unable to attach or mount volumes: ${which}: ${failed}`)
    await remove('nfs')
  })

  const noMemory = !existsSync('/dev/shm') && 'no file system in memory here'

  await t.test('a Secret is kept in memory', { skip: noMemory }, async (t) => {
    await putSecret('key', { pin: '1234' })
    const volumes = [{ name: 'key', secret: { secretName: 'key', defaultMode: 0o400 } }]
    const pod = await create('secret', volumes, { ...shell('sleep 1000'), volumeMounts: [mount('key', '/key')] })
    await untilPhase('secret', 'Running')
    const path = join(kubelet.rootDirectory, 'pods', pod.metadata.uid, 'volumes/kubernetes.io~secret/key')
    t.equal(readFileSync(join(path, 'pin'), 'utf8'), '1234')
    t.equal(statfsSync(path).type, TMPFS)
    await remove('secret')
  })

  await t.test('the downward API follows labels', async (t) => {
    const item = (path: string, fieldPath: string) => ({ path, fieldRef: { apiVersion: 'v1', fieldPath } })
    const items = [item('labels', 'metadata.labels'), item('name', 'metadata.name')]
    const script = 'until grep -q tier pod/labels; do sleep 0.02; done; cat pod/name; echo; cat pod/labels'
    await create('down', [{ name: 'pod', downwardAPI: { items } }], {
      ...shell(script),
      volumeMounts: [mount('pod', '/pod')],
    })
    await untilPhase('down', 'Running')
    const body = { metadata: { labels: { tier: 'gold' } } }
    await server.client.patch(pods, { namespace, name: 'down' }, { type: 'merge', body })
    t.equal(logOf(await untilPhase('down', 'Succeeded')), 'down\napp="down"\ntier="gold"')
  })

  await t.test('several sources in one directory', async (t) => {
    await putConfig('part', { a: 'A' })
    await putSecret('part', { b: 'B' })
    const sources = [
      { configMap: { name: 'part' } },
      { secret: { name: 'part', items: [{ key: 'b', path: 'x/b' }] } },
      { configMap: { name: 'none', optional: true } },
    ]
    const volumes = [{ name: 'all', projected: { sources } }]
    const container = { ...shell('cat all/a all/x/b'), volumeMounts: [mount('all', '/all')] }
    t.equal(await outputOf('projected', volumes, container), 'AB')

    const missing = [{ configMap: { name: 'none' } }, { secret: { name: 'none' } }]
    await create('incomplete', [{ name: 'all', projected: { sources: missing } }], container)
    const failed = '[configmap "none" not found, secret "none" not found]'
    await untilEvent('incomplete', 'FailedMount', `MountVolume.SetUp failed for volume "all" : ${failed}`)
    await remove('incomplete')
  })

  await t.test('an emptyDir is shared, is kept when the kubelet is killed, and goes with the pod', async (t) => {
    const volumes = [
      { name: 'scratch', emptyDir: {} },
      { name: 'ram', emptyDir: { medium: 'Memory' } },
    ]
    const volumeMounts = [mount('scratch', '/work'), mount('ram', '/ram')]
    const reads = 'until test -e work/go; do sleep 0.02; done; cat work/file ram/file'
    const containers = [
      { name: 'c', image: 'none', ...shell(reads), volumeMounts },
      { name: 'w', image: 'none', ...shell('echo kept | tee work/file ram/file; sleep 1000'), volumeMounts },
    ]
    const pod = await create('scratch', volumes, {}, { containers: containers as Container[] })
    await untilPhase('scratch', 'Running')
    await kubelet.kill()
    await kubelet.start()
    const path = join(kubelet.rootDirectory, 'pods', pod.metadata.uid, 'volumes/kubernetes.io~empty-dir/scratch')
    await writeFile(join(path, 'go'), '')
    t.equal(logOf(await until('scratch', (now) => stateOf(now)?.terminated)), 'kept\nkept')
    await remove('scratch')
    await eventually(async () => !existsSync(path))
  })

  await t.test('a pod whose emptyDir grows beyond its limit is evicted', async (t) => {
    const volumes = [{ name: 'small', emptyDir: { sizeLimit: '1Mi' } }]
    const writes = shell('cd small; head -c 500000 /dev/zero > a; cp a b; cp a c; sleep 1000')
    await create('large', volumes, { ...writes, volumeMounts: [mount('small', '/small')] }, { restartPolicy: 'Always' })
    const pod = await untilPhase('large', 'Failed')
    const message = 'Usage of EmptyDir volume "small" exceeds the limit "1Mi". '
    t.match(pod.status, { reason: 'Evicted', message })
    await untilEvent('large', 'Evicted', message)
    await remove('large')
  })

  await t.test('host paths', async (t) => {
    const host = await mkdtemp(join(tmpdir(), 'volumes-host-'))
    t.teardown(() => rm(host, { recursive: true }))
    const file = join(host, 'file')
    await writeFile(file, 'from the host')
    const volumeMounts = [mount('host', '/host')]
    const hostPath = (path: string) => [{ name: 'host', hostPath: { path, type: 'Directory' as const } }]
    const reads = { ...shell('cat host/file; echo back > host/new'), volumeMounts }
    t.equal(await outputOf('host', hostPath(host), reads), 'from the host')
    t.equal(readFileSync(join(host, 'new'), 'utf8'), 'back\n')
    await create('no-host', hostPath(file), { ...shell('true'), volumeMounts })
    const failed = `hostPath type check failed: ${file} is not a directory`
    await untilEvent('no-host', 'FailedMount', `MountVolume.SetUp failed for volume "host" : ${failed}`)
    await remove('no-host')
  })

  await t.test('parts of volumes', async (t) => {
    await putConfig('parts', { 'app.conf': 'x=1' })
    const volumes = [
      { name: 'conf', configMap: { name: 'parts' } },
      { name: 'data', emptyDir: {} },
    ]
    const out = await outputOf('parts', volumes, {
      ...shell('cat etc/app.conf; echo; cd data; touch new; ls "$KUBEPROC_ROOT/all/parts"'),
      env: [{ name: 'POD', value: 'parts' }],
      volumeMounts: [
        mount('conf', '/etc/app.conf', { subPath: 'app.conf' }),
        mount('data', '/data', { subPathExpr: '$(POD)' }),
        mount('data', '/all'),
      ],
    })
    t.equal(out, 'x=1\nnew')
    const volumeMounts = [mount('data', '/data', { subPathExpr: '$(NONE)' })]
    await create('no-part', volumes, { ...shell('true'), volumeMounts })
    const failed = await until('no-part', (pod) => stateOf(pod)?.waiting?.reason === 'CreateContainerConfigError')
    t.equal(stateOf(failed)?.waiting?.message, 'missing value for "NONE"')
    await remove('no-part')
  })

  await t.test('what is in memory goes with the node, and is set up again', { skip: noMemory }, async (t) => {
    const volumes = [{ name: 'key', secret: { secretName: 'key' } }]
    const reads = shell('test "$(cat key/pin)" = 1234 && sleep 1000')
    await create('back', volumes, { ...reads, volumeMounts: [mount('key', '/key')] }, { restartPolicy: 'Always' })
    await untilPhase('back', 'Running')
    const memory = readlinkSync(join(kubelet.rootDirectory, 'memory'))
    await kubelet.stop()
    t.notOk(existsSync(memory))
    await kubelet.start()
    t.ok(await until('back', (pod) => stateOf(pod)?.running && pod.status?.containerStatuses?.[0]?.restartCount === 1))
  })

  await t.test('what is left of a pod that went while no kubelet was here is removed', { skip: noMemory }, async () => {
    const { metadata } = await server.client.get(pods, { namespace, name: 'back' })
    const left = [
      join(kubelet.rootDirectory, 'memory', metadata.uid),
      join(kubelet.rootDirectory, 'pods', metadata.uid),
    ]
    await eventually(async () => left.every((path) => existsSync(path)))
    await kubelet.kill()
    await remove('back')
    await kubelet.start()
    await eventually(async () => !left.some((path) => existsSync(path)))
  })

  return { outputOf, putConfig }
}
