/** When the volumes of a pod are set up, tried again and told of. */
import { join } from 'node:path'
import t from 'tap'
import { filesOfEntries } from '../../../kubelet/volumes/config-files.ts'
import { PodVolumes } from '../../../kubelet/volumes/pod-volumes.ts'
import type { SetUpContext } from '../../../kubelet/volumes/set-up.ts'
import type { Volume } from '../../../shared/api/pod/pod.ts'
import { testDirectory } from '../../support/directory.ts'
import { NOW, pod, SECOND } from '../pod/worlds.ts'

const root = testDirectory(t)

/** A pod with these volumes, and a ConfigMap `conf` that is there or not. */
function world(name: string, volumes: Volume[]) {
  const given = { pod: pod({ volumes }), nowMs: NOW, config: undefined as Map<string, Buffer> | undefined }
  const told: string[] = []
  const events = {
    pod: (type: string, reason: string, message: string) => void told.push(`${type} ${reason} ${message}`),
    container: () => undefined,
  }
  const subject = new PodVolumes(NOW)
  const context = (): SetUpContext => ({
    pod: given.pod,
    allocatable: {},
    isRoot: false,
    directory: join(root, name),
    nowMs: given.nowMs,
    memoryDirectory: async () => join(root, name, 'memory'),
    configMapFiles: async (object, choice) =>
      filesOfEntries({ kind: 'configmap', name: object, entries: given.config }, choice),
    secretFiles: async () => new Map(),
    token: async () => ({ token: 'token', renewAtMs: 0, expiresAtMs: 0 }),
  })
  return {
    given,
    told,
    subject,
    state: () => subject.stateOf(given.pod, given.nowMs),
    prepare: () => subject.prepare(given.pod, context(), events),
  }
}

const CONFIG = { name: 'conf', configMap: { name: 'conf' } }
const FAILED = 'Warning FailedMount MountVolume.SetUp failed for volume "conf" : configmap "conf" not found'

t.test('what is missing is tried again, less and less often', async (t) => {
  const { given, told, subject, state, prepare } = world('missing', [CONFIG, { name: 'scratch', emptyDir: {} }])
  t.strictSame(state(), { isReady: false, dueAtMs: NOW, isPresent: true })
  const waits: number[] = []
  for (let round = 0; round < 10; round++) {
    await prepare()
    const { isReady, dueAtMs = 0 } = state()
    t.notOk(isReady)
    waits.push((dueAtMs - given.nowMs) / SECOND)
    given.nowMs = dueAtMs
  }
  t.strictSame(waits, [0.5, 1, 2, 4, 8, 16, 32, 64, 122, 122])
  const late =
    'Warning FailedMount Unable to attach or mount volumes: unmounted volumes=[conf], unattached volumes=[], failed to process volumes=[]: context deadline exceeded'
  t.strictSame(
    told.filter((line) => line !== FAILED),
    [late],
  )
  t.ok(subject.mounted.has('scratch'), 'the others are there')

  given.config = new Map()
  subject.markDue()
  t.equal(state().dueAtMs, given.nowMs, 'a change is looked at whatever the wait')
  await prepare()
  t.strictSame(state(), { isReady: true, isPresent: true })
})

t.test('what was there stays there', async (t) => {
  const { given, told, subject, state, prepare } = world('kept', [CONFIG])
  given.config = new Map([['a', Buffer.from('1')]])
  await prepare()
  given.config = undefined
  subject.markDue()
  await prepare()
  t.strictSame(told, [FAILED])
  t.strictSame(state(), { isReady: true, isPresent: true, dueAtMs: NOW + 0.5 * SECOND }, 'containers may still start')
})

t.test('labels make a volume old that shows them', async (t) => {
  const items = [{ path: 'labels', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.labels' } }]
  const { given, state, prepare } = world('labels', [{ name: 'pod', downwardAPI: { items } }])
  await prepare()
  t.strictSame(state(), { isReady: true, isPresent: true })
  given.pod = pod({ volumes: given.pod.spec.volumes! }, { labels: { a: 'b' } })
  t.equal(state().dueAtMs, NOW)
  await prepare()
  t.strictSame(state(), { isReady: true, isPresent: true })
})

t.test('an evicted pod stays evicted when its volumes have gone', async (t) => {
  const { told, subject, state, prepare } = world('large', [{ name: 'v', emptyDir: { sizeLimit: '1Ki' } }])
  await prepare()
  t.match(subject.limited, [{ name: 'v', sizeLimit: '1Ki', limitBytes: 1024 }])
  subject.evict('too large')
  subject.evict('too large')
  t.strictSame(told, ['Warning Evicted too large'], 'told once')
  t.strictSame(subject.limited, [], 'and measured no more')
  subject.markGone()
  t.strictSame(state(), { isReady: false, isPresent: false, eviction: 'too large' })
})

t.test('paths that lead elsewhere, and media that nobody knows', async (t) => {
  for (const [title, volume, message] of [
    [
      'up',
      { name: 'v', configMap: { name: 'conf', items: [{ key: 'a', path: '../a' }] } },
      "must not contain '..': ../a",
    ],
    [
      'below a file',
      {
        name: 'v',
        configMap: {
          name: 'conf',
          items: [
            { key: 'a', path: 'a' },
            { key: 'a', path: 'a/b' },
          ],
        },
      },
      'a/b is below the file a',
    ],
    ['pages', { name: 'v', emptyDir: { medium: 'HugePages' } }, 'unknown storage medium "HugePages"'],
    ['name', { name: '../v', emptyDir: {} }, 'volume name "../v" is not a DNS label'],
  ] as [string, Volume, string][]) {
    const { given, told, state, prepare } = world(title, [volume])
    given.config = new Map([['a', Buffer.from('1')]])
    await prepare()
    t.equal(told.length, 1)
    t.match(told[0], message)
    t.notOk(state().isReady)
  }
})
