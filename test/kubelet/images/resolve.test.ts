import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { ContainerDefaults } from '../../../kubelet/images/image-config.ts'
import { parseImageName } from '../../../kubelet/images/image-name.ts'
import { type ImageUser, resolveImage } from '../../../kubelet/images/resolve.ts'
import { parseSignal } from '../../../kubelet/images/signal.ts'
import type { StoredImage } from '../../../kubelet/images/store.ts'
import { testDirectory } from '../../support/directory.ts'

for (const [name, wanted] of [
  ['kubia', { repository: 'docker.io/library/kubia', tag: 'latest', digest: '' }],
  ['luksa/kubia', { repository: 'docker.io/luksa/kubia', tag: 'latest', digest: '' }],
  ['luksa/kubia:v2', { repository: 'docker.io/luksa/kubia', tag: 'v2', digest: '' }],
  ['docker.io/kubia', { repository: 'docker.io/library/kubia', tag: 'latest', digest: '' }],
  ['localhost:5000/kubia', { repository: 'localhost:5000/kubia', tag: 'latest', digest: '' }],
  ['ghcr.io/a/b/c:1.0', { repository: 'ghcr.io/a/b/c', tag: '1.0', digest: '' }],
  [`a@sha256:${'1'.repeat(64)}`, { repository: 'docker.io/library/a', tag: '', digest: `sha256:${'1'.repeat(64)}` }],
  ['', undefined],
  ['Upper', undefined],
  ['a//b', undefined],
  ['../a', undefined],
  ['a:', undefined],
  ['a b', undefined],
  [`a:${'x'.repeat(129)}`, undefined],
  ['x'.repeat(300), undefined],
] as const) {
  t.test(`name ${name.slice(0, 40)}`, async (t) => t.strictSame(parseImageName(name), wanted))
}

t.test('what a container runs', async (t) => {
  const root = testDirectory(t)
  for (const directory of ['app/bin', 'data']) mkdirSync(join(root, directory), { recursive: true })
  for (const file of ['app/main.js', 'app.js']) writeFileSync(join(root, file), '')
  const resolve = (config: ContainerDefaults, container: ImageUser = {}) => {
    const rest = { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers' as const, diff_ids: [] } }
    const image: StoredImage = { id: 'sha256:1', rootDirectory: root, config: { ...rest, config } }
    return resolveImage({ find: async () => image }, { image: 'app', ...container })
  }
  const both = { Entrypoint: ['node', '/app.js'], Cmd: ['--fast'] }

  const cases: { title: string; config: ContainerDefaults; container?: ImageUser; wanted: object }[] = [
    { title: 'entrypoint and arguments', config: both, wanted: { argv: ['node', `${root}/app.js`, '--fast'] } },
    { title: 'args', config: both, container: { args: ['-x'] }, wanted: { argv: ['node', `${root}/app.js`, '-x'] } },
    { title: 'command', config: both, container: { command: ['ls'] }, wanted: { argv: ['ls'] } },
    {
      title: 'both',
      config: both,
      container: { command: ['ls'], args: ['/data'] },
      wanted: { argv: ['ls', `${root}/data`] },
    },
    { title: 'no working directory: the image’s root', config: both, wanted: { workingDirectory: root } },
    { title: 'the image’s', config: { ...both, WorkingDir: '/app' }, wanted: { workingDirectory: `${root}/app` } },
    {
      title: 'the pod’s, in the image',
      config: { ...both, WorkingDir: '/app' },
      container: { workingDir: '/data' },
      wanted: { workingDirectory: `${root}/data` },
    },
    {
      title: 'the pod’s, on the host',
      config: both,
      container: { workingDir: '/usr' },
      wanted: { workingDirectory: '/usr' },
    },
    {
      title: 'paths that the image does not hold, and parts of words, are the host’s',
      config: { Cmd: ['sh', '/etc/hosts', '--file=/app.js', '/', 'app.js', '/../../etc/hosts'] },
      wanted: { argv: ['sh', '/etc/hosts', '--file=/app.js', '/', 'app.js', '/../../etc/hosts'] },
    },
    {
      title: 'environment',
      config: { ...both, Env: ['A=b=c', 'EMPTY=', 'PATH=/app/bin:/usr/bin', 'DATA=/data'] },
      wanted: { env: { A: 'b=c', EMPTY: '', PATH: `${root}/app/bin:/usr/bin`, DATA: '/data' } },
    },
    { title: 'signal', config: { ...both, StopSignal: '2' }, wanted: { stopSignal: 'SIGINT' } },
    { title: 'identity', config: both, wanted: { imageId: 'sha256:1', rootDirectory: root, warning: undefined } },
  ]
  for (const { title, config, container, wanted } of cases) {
    await t.test(title, async (t) => t.match(await resolve(config, container), { kind: 'run', ...wanted }))
  }
  t.strictSame(await resolve({}), { kind: 'waiting', reason: 'CreateContainerError', message: 'no command specified' })
})

t.test('images that are not there', async (t) => {
  const resolve = (container: ImageUser) => resolveImage({ find: async () => undefined }, container)
  t.strictSame(await resolve({ image: 'busybox', command: ['sh'], args: ['-c', 'date'], workingDir: '/tmp' }), {
    kind: 'run',
    argv: ['sh', '-c', 'date'],
    env: {},
    workingDirectory: '/tmp',
    imageId: '',
    warning: 'Container image "busybox" is not in the image store: its command runs from the host',
  })
  t.match(await resolve({ image: 'busybox', command: ['sh'], imagePullPolicy: 'Never' }), { kind: 'run' })
  t.strictSame(await resolve({ image: 'does/not-exist', imagePullPolicy: 'Never' }), {
    kind: 'waiting',
    reason: 'ErrImageNeverPull',
    message: 'Container image "does/not-exist" is not present with pull policy of Never',
  })
  for (const imagePullPolicy of ['Always', 'IfNotPresent', undefined] as const) {
    t.match(await resolve({ image: 'a/b', args: ['x'], ...(imagePullPolicy && { imagePullPolicy }) }), {
      kind: 'waiting',
      reason: 'ErrImagePull',
      message: 'kubeproc image build -t a/b DIR',
    })
  }
  t.match(await resolve({ image: 'Upper', command: ['sh'] }), {
    kind: 'waiting',
    reason: 'InvalidImageName',
    message: /couldn't parse image name "Upper": invalid reference format/,
  })
})

t.test('signals', async (t) => {
  t.strictSame(['SIGTERM', 'quit', '9', 'SIGNONE', ''].map(parseSignal), [
    'SIGTERM',
    'SIGQUIT',
    'SIGKILL',
    undefined,
    undefined,
  ])
})

t.test('where containers have a root of their own, paths stay as they are', async (t) => {
  const root = testDirectory(t)
  writeFileSync(join(root, 'app.js'), '')
  const config = { Entrypoint: ['node', '/app.js'], Env: ['PATH=/app:/usr/bin'] }
  const rest = { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers' as const, diff_ids: [] } }
  const image: StoredImage = { id: 'sha256:1', rootDirectory: root, config: { ...rest, config } }
  const layOut = async () => ({ rootDirectory: undefined, mountPaths: [] })
  t.strictSame(await resolveImage({ find: async () => image }, { image: 'app' }, layOut), {
    kind: 'run',
    image,
    argv: ['node', '/app.js'],
    env: { PATH: '/app:/usr/bin' },
    workingDirectory: '/',
    imageId: 'sha256:1',
  })
})

t.test('in a root of links, what the image alone holds has its own path', async (t) => {
  const root = testDirectory(t)
  const [image, links] = [join(root, 'image'), join(root, 'links')]
  for (const directory of ['image/etc/app', 'links/etc/app/conf']) mkdirSync(join(root, directory), { recursive: true })
  writeFileSync(join(image, 'app.js'), '')
  const rest = { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers' as const, diff_ids: [] } }
  const config = { Entrypoint: ['ls', '/app.js', '/etc/app/conf/x', '/etc/app', '/none'] }
  const stored: StoredImage = { id: 'sha256:1', rootDirectory: image, config: { ...rest, config } }
  const layOut = async () => ({ rootDirectory: links, imageDirectory: image, mountPaths: ['/etc/app/conf'] })
  t.match(await resolveImage({ find: async () => stored }, { image: 'app' }, layOut), {
    argv: ['ls', `${image}/app.js`, `${links}/etc/app/conf/x`, `${links}/etc/app`, '/none'],
    workingDirectory: links,
    rootDirectory: links,
  })
})

t.test('in a root of links, paths below a mount mean the volume whether they exist or not', async (t) => {
  const layOut = async () => ({ rootDirectory: '/root', mountPaths: ['/data'] })
  const container = { image: 'app', command: ['touch', '/data/new', '/etc/hosts'], workingDir: '/data/deep' }
  t.match(await resolveImage({ find: async () => undefined }, container, layOut), {
    argv: ['touch', '/root/data/new', '/etc/hosts'],
    workingDirectory: '/root/data/deep',
    rootDirectory: '/root',
  })
})
