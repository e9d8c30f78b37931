/** The real kubelet with an image store: what a user sees of images and pull policies. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parseImageName } from '../../../kubelet/images/image-name.ts'
import { openImageStore } from '../../../kubelet/images/store.ts'
import type { Draft } from '../../../shared/api/kind.ts'
import type { Container, Pod } from '../../../shared/api/pod/pod.ts'
import { events, nodes, pods } from '../../../shared/client/resources.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { startTestKubelet } from '../../support/kubelet.ts'
import { observe } from '../../support/observe.ts'

const directory = testDirectory(t)
const images = join(directory, 'images')
const { id } = await openImageStore(images).add(parseImageName('example/sleeper')!, async (root) => {
  writeFileSync(join(root, 'main.sh'), 'exec sleep 1000\n')
  const config = { Entrypoint: ['sh', '/main.sh'] }
  return { architecture: 'amd64', os: 'linux', config, rootfs: { type: 'layers', diff_ids: [] } }
})
const server = await startTestApiServer(directory)
const ending = new AbortController()
const seenPods = observe(server.client, pods, ending.signal)
const seenEvents = observe(server.client, events, ending.signal)
const kubelet = await startTestKubelet(directory, {
  kubeconfig: server.kubeconfig,
  flags: ['--runtime=process', `--image-store=${images}`],
})
t.teardown(async () => {
  await kubelet.stop()
  ending.abort()
  await server.close()
})

const DEADLINE_MS = 30_000

const create = (name: string, container: Partial<Container>) =>
  server.client.create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { nodeName: kubelet.name, containers: [{ name: 'c', image: 'example/sleeper', ...container }] },
  } as Draft<Pod>)

/** Waits until the container waits for this reason, or runs, and returns its status. */
const until = (name: string, reason: string) =>
  seenPods.until((all) => {
    const status = all.find(({ metadata }) => metadata.name === name)?.status?.containerStatuses?.[0]
    return (status?.state?.waiting?.reason ?? (status?.state?.running && 'running')) === reason ? status : undefined
  }, DEADLINE_MS)

const untilEvent = (name: string, type: string, reason: string, message: RegExp) =>
  seenEvents.until(
    (all) =>
      all.find(
        (one) =>
          one.involvedObject.name === name && one.type === type && one.reason === reason && message.test(one.message!),
      ),
    DEADLINE_MS,
  )

t.test('the node reports its images', async (t) => {
  const { status } = await server.client.get(nodes, { name: kubelet.name })
  const names = [`docker.io/example/sleeper@${id}`, 'docker.io/example/sleeper:latest']
  t.strictSame(status.images, [{ names, sizeBytes: 16 }])
})

t.test('pull policies', async (t) => {
  await create('always', {})
  t.equal((await until('always', 'running')).imageID, id)
  await untilEvent('always', 'Normal', 'Pulling', /^Pulling image "example\/sleeper"$/)
  const pulled =
    /^Successfully pulled image "example\/sleeper" in \S+s \(\S+s including waiting\)\. Image size: 16 bytes\.$/
  await untilEvent('always', 'Normal', 'Pulled', pulled)

  await create('never', { imagePullPolicy: 'Never' })
  await until('never', 'running')
  await untilEvent('never', 'Normal', 'Pulled', /^Container image "example\/sleeper" already present on machine$/)
})

t.test('images that are not there', async (t) => {
  await create('absent', { image: 'example/absent' })
  const failed = await until('absent', 'ErrImagePull')
  t.match(failed.state?.waiting?.message, 'kubeproc image build -t example/absent DIR')
  await untilEvent('absent', 'Warning', 'Failed', /^Failed to pull image "example\/absent": /)
  await untilEvent('absent', 'Warning', 'Failed', /^Error: ErrImagePull$/)
  await create('wrong', { image: 'example/Wrong' })
  t.equal(
    (await until('wrong', 'InvalidImageName')).state?.waiting?.message,
    'Failed to apply default image tag "example/Wrong": couldn\'t parse image name "example/Wrong": invalid reference format: repository name (example/Wrong) must be lowercase',
  )
  await untilEvent('wrong', 'Warning', 'InspectFailed', /^Failed to apply default image tag "example\/Wrong": /)
  await untilEvent('wrong', 'Warning', 'Failed', /^Error: InvalidImageName$/)
})
