import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { BuildError, buildImage } from '../../../kubelet/images/build.ts'
import { openImageStore } from '../../../kubelet/images/store.ts'
import { testDirectory } from '../../support/directory.ts'

/** A store and a build context of these files. */
function setUp(t: Test, files: Record<string, string>) {
  const root = testDirectory(t, { context: {} })
  const directory = join(root, 'context')
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(directory, path, '..'), { recursive: true })
    writeFileSync(join(directory, path), content)
  }
  const store = openImageStore(join(root, 'images'))
  const build = (dockerfile: string, name = 'app') => {
    writeFileSync(join(directory, 'Dockerfile'), dockerfile)
    return buildImage({ directory, name, store, buildArgs: { GIVEN: 'from outside' } })
  }
  /** Builds, and tells every file of the image with its content. */
  const filesOf = async (dockerfile: string, name = 'app') => {
    await build(dockerfile, name)
    const { rootDirectory } = (await store.find(name))!
    const entries = readdirSync(rootDirectory, { recursive: true, encoding: 'utf8' })
    const plain = entries.filter((entry) => lstatSync(join(rootDirectory, entry)).isFile()).sort()
    return Object.fromEntries(plain.map((entry) => [entry, readFileSync(join(rootDirectory, entry), 'utf8')]))
  }
  const configOf = async (dockerfile: string, name = 'app') => {
    await build(dockerfile, name)
    return (await store.find(name))!.config.config
  }
  return { root, directory, store, build, filesOf, configOf }
}

t.test('an image from a Dockerfile', async (t) => {
  const { store, build, configOf } = setUp(t, { 'app.js': '//' })
  const dockerfile = `
    FROM node:26
    ARG VERSION=1 GIVEN=inside UNSET
    ENV A=b PATH=/app/bin:$PATH
    ENV OLD the old form $VERSION
    LABEL maintainer="me and you" version=\${VERSION} given=$GIVEN unset="\${UNSET:-none}"
    WORKDIR /app
    WORKDIR lib
    COPY app.js .
    EXPOSE 8080 53/udp
    USER node
    STOPSIGNAL SIGINT
    CMD ["--verbose"]
    ENTRYPOINT ["node", "app.js"]`
  t.strictSame(await configOf(dockerfile, 'team/app:v1'), {
    Env: ['A=b', 'PATH=/app/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'OLD=the old form 1'],
    Labels: { maintainer: 'me and you', version: '1', given: 'from outside', unset: 'none' },
    WorkingDir: '/app/lib',
    ExposedPorts: { '8080/tcp': {}, '53/udp': {} },
    User: 'node',
    StopSignal: 'SIGINT',
    Cmd: ['--verbose'],
    Entrypoint: ['node', 'app.js'],
  })
  const { id, warnings } = await build(dockerfile)
  t.match(id, /^sha256:[0-9a-f]{64}$/)
  t.equal((await store.find('docker.io/team/app:v1'))?.id, id, 'the same sources give the same image')
  t.strictSame(warnings, [
    "the base image node:26 is not in the image store: the host's programs take its place",
    'USER node is recorded, but programs run as you',
  ])
  t.ok(existsSync(join((await store.find('app'))!.rootDirectory, 'app/lib/app.js')))
})

t.test('another content is another image, and the name moves to it', async (t) => {
  const { store, directory, build } = setUp(t, { 'app.js': '1' })
  const first = await build('FROM scratch\nCOPY app.js /')
  const image = (await store.find('app'))!
  writeFileSync(join(directory, 'app.js'), '2')
  const second = await build('FROM scratch\nCOPY app.js /')
  t.not(second.id, first.id)
  t.equal((await store.find('app'))?.id, second.id)
  t.equal(
    readFileSync(join(image.rootDirectory, 'app.js'), 'utf8'),
    '1',
    'the old files stay for those who run from them',
  )
  t.equal((await store.find(`app@${first.id}`))?.id, first.id)
})

t.test('a base image in the store gives its files and configuration', async (t) => {
  const { configOf, filesOf } = setUp(t, { 'a.txt': 'a', 'b.txt': 'b' })
  await filesOf('FROM scratch\nENV A=1 B=1\nWORKDIR /w\nCOPY a.txt .\nENTRYPOINT ["base"]\nCMD ["for base"]', 'base')
  const child = 'FROM base\nENV B=2\nCOPY b.txt .\nENTRYPOINT ["own"]'
  t.match(await configOf(child), { Env: ['A=1', 'B=2'], WorkingDir: '/w', Entrypoint: ['own'], Cmd: undefined })
  t.strictSame(await filesOf(child), { 'w/a.txt': 'a', 'w/b.txt': 'b' })
  t.match(await configOf('FROM base\nCMD sleep $A'), { Entrypoint: ['base'], Cmd: ['/bin/sh', '-c', 'sleep $A'] })
})

t.test('COPY', async (t) => {
  const files = { 'a.js': 'a', 'b.js': 'b', 'with space': 's', 'lib/x.js': 'x', 'lib/deep/y.js': 'y' }
  for (const [copy, wanted] of [
    ['COPY a.js /renamed.js', { 'renamed.js': 'a' }],
    ['COPY a.js /dir/', { 'dir/a.js': 'a' }],
    ['COPY a.js b.js /dir/', { 'dir/a.js': 'a', 'dir/b.js': 'b' }],
    ['COPY *.js /dir/', { 'dir/a.js': 'a', 'dir/b.js': 'b' }],
    ['COPY lib /dir', { 'dir/x.js': 'x', 'dir/deep/y.js': 'y' }],
    ['COPY lib/* /dir/', { 'dir/x.js': 'x', 'dir/y.js': 'y' }],
    ['COPY /a.js ./b.js /', { 'a.js': 'a', 'b.js': 'b' }],
    ['COPY ["with space", "/s"]', { s: 's' }],
    ['COPY --chown=1:1 --link a.js /', { 'a.js': 'a' }],
    ['ADD a.js /', { 'a.js': 'a' }],
    ['ENV F=a.js\nCOPY $F /', { 'a.js': 'a' }],
    ['COPY a.js ../../outside.js', { 'outside.js': 'a' }],
    ['COPY a.js /f\nCOPY b.js /f', { f: 'b' }],
  ] as const) {
    await t.test(copy, async (t) => t.strictSame(await setUp(t, files).filesOf(`FROM scratch\n${copy}`), wanted))
  }
})

t.test('modes and links', async (t) => {
  const { directory, store, build } = setUp(t, { 'lib/run.sh': '#!/bin/sh', 'lib/plain': '' })
  symlinkSync('run.sh', join(directory, 'lib/link'))
  await build('FROM scratch\nCOPY --chmod=755 lib/run.sh /bin/run\nCOPY lib /lib')
  const { rootDirectory } = (await store.find('app'))!
  t.equal(lstatSync(join(rootDirectory, 'bin/run')).mode & 0o777, 0o755)
  t.ok(lstatSync(join(rootDirectory, 'lib/link')).isSymbolicLink())
})

t.test('.dockerignore, and what is never copied', async (t) => {
  const { filesOf } = setUp(t, {
    '.dockerignore': 'Dockerfile\n.dockerignore\nnode_modules\nsecret\n!secret/public',
    'app.js': 'a',
    'node_modules/x/index.js': 'x',
    'secret/key': 'k',
    'secret/public/readme': 'r',
    '.kubeproc/pki/ca.key': 'key of a cluster',
  })
  t.strictSame(await filesOf('FROM scratch\nCOPY . /'), { 'app.js': 'a', 'secret/public/readme': 'r' })
})

t.test('a store inside of the context is no part of it', async (t) => {
  const directory = testDirectory(t, { Dockerfile: 'FROM scratch\nCOPY . /', 'app.js': '' })
  const store = openImageStore(join(directory, 'data', 'images'))
  const { id } = await buildImage({ directory, name: 'app', store })
  t.equal((await buildImage({ directory, name: 'app', store })).id, id)
  t.strictSame(readdirSync((await store.find('app'))!.rootDirectory).sort(), ['Dockerfile', 'app.js', 'data'])
})

t.test('what cannot be built says why, where and what to do, and leaves nothing', async (t) => {
  const { root, directory, store, build } = setUp(t, { 'a.js': '', 'b.js': '', 'x.tar.gz': '', 'lib/c.js': '' })
  writeFileSync(join(root, 'outside.txt'), 'secret')
  symlinkSync('../outside.txt', join(directory, 'sneaky.txt'))
  symlinkSync('..', join(directory, 'up'))
  symlinkSync('/etc/passwd', join(directory, 'lib', 'passwd'))
  const cases: [dockerfile: string, message: string][] = [
    [
      'FROM x\nRUN npm ci',
      'Dockerfile line 2: RUN needs a container to run in: do this step on your machine before the build, and COPY its result',
    ],
    ['FROM x\n\nVOLUME /data', 'Dockerfile line 3: VOLUME is not supported: declare volumes in the pod'],
    [
      'FROM x\nHEALTHCHECK NONE',
      'Dockerfile line 2: HEALTHCHECK means nothing to Kubernetes: declare a probe in the pod',
    ],
    ['FROM x\nFLY away', 'Dockerfile line 2: there is no instruction FLY'],
    ['FROM x\nCONSTRUCTOR a', 'Dockerfile line 2: there is no instruction CONSTRUCTOR'],
    ['COPY a.js /', 'has no FROM'],
    ['COPY a.js /\nFROM x', 'Dockerfile line 1: COPY before FROM'],
    ['FROM x AS', 'Dockerfile line 1: FROM x AS is not FROM IMAGE or FROM IMAGE AS NAME'],
    ['FROM x AS a/b', 'Dockerfile line 1: FROM x AS a/b is not FROM IMAGE or FROM IMAGE AS NAME'],
    [
      'FROM x\nCOPY --from=build a /',
      'Dockerfile line 2: COPY --from=build: no stage above and no image in the store has this name',
    ],
    ['FROM x\nADD --from=0 a /', 'Dockerfile line 2: ADD --from=0 is not supported'],
    ['FROM x AS a\nFROM y\nCOPY --from=a ../../etc/passwd /', 'Dockerfile line 3: COPY: ../../etc/passwd is outside'],
    ['FROM x\nCOPY --parents a /', 'Dockerfile line 2: COPY --parents is not supported'],
    ['FROM x\nCOPY a.js', 'Dockerfile line 2: COPY needs a source and a destination'],
    ['FROM x\nCOPY none.js /', 'none.js is not in the build context'],
    ['FROM x\nCOPY *.py /', 'no file of the build context matches *.py'],
    ['FROM x\nCOPY a.js b.js /target', 'several files need a directory as destination: end it with a slash'],
    ['FROM x\nCOPY ../outside.txt /', '../outside.txt is outside of the build context'],
    ['FROM x\nCOPY lib/../../outside.txt /', 'lib/../../outside.txt is outside of the build context'],
    ['FROM x\nCOPY sneaky.txt /', 'sneaky.txt leads out of the build context through a symbolic link'],
    ['FROM x\nCOPY up/outside.txt /', 'up/outside.txt leads out of the build context through a symbolic link'],
    ['FROM x\nCOPY up/* /', 'no file of the build context matches up/*'],
    [
      'FROM x\nCOPY lib /',
      'lib/passwd is a symbolic link to /etc/passwd, which is not part of what is copied: replace it by the file',
    ],
    [
      'FROM x\nADD https://example.com/x /',
      'ADD https://example.com/x would download it: do so before the build, and COPY the file',
    ],
    ['FROM x\nADD x.tar.gz /', 'ADD x.tar.gz would unpack it: do so before the build, and COPY the files'],
    ['FROM x\nCOPY <<EOF /f\nhello\nEOF', 'here-document'],
    ['FROM x\nENV A', 'Dockerfile line 2: ENV A needs a value: ENV A=value'],
    ['FROM x\nENV A=1 B', 'Dockerfile line 2: ENV: B is not NAME=value'],
    ['FROM x\nEXPOSE http', 'Dockerfile line 2: EXPOSE: http is no port'],
    ['FROM x\nSTOPSIGNAL SIGNONE', 'Dockerfile line 2: no signal is called SIGNONE'],
    ['FROM', 'Dockerfile line 1: FROM needs the name of a base image, or scratch'],
  ]
  for (const [dockerfile, message] of cases) {
    const error = await build(dockerfile, 'bad').catch((error: Error) => error)
    t.ok(error instanceof BuildError, dockerfile)
    t.match((error as Error).message, message)
  }
  t.equal(await store.find('bad'), undefined)
  t.strictSame(readdirSync(store.directory), [])
  for (const name of ['', 'UPPER', 'a b', '../x', `x@sha256:${'0'.repeat(64)}`]) {
    await t.rejects(build('FROM scratch', name), /is no name for an image/)
  }
  await t.rejects(buildImage({ directory: join(root, 'none'), name: 'x', store }), /there is no directory/)
  await t.rejects(buildImage({ directory: join(directory, 'lib'), name: 'x', store }), /there is no .*Dockerfile/)
})

t.test('several stages', async (t) => {
  const { root, store, filesOf, configOf } = setUp(t, { 'a.js': 'a', 'b.js': 'b', 'secret.txt': 's' })
  await filesOf('FROM scratch\nCOPY b.js /lib/', 'tools')
  const dockerfile = `
    ARG BASE=scratch VERSION=7
    FROM $BASE AS Source
    ENV LOST=1
    COPY . /src/
    FROM source
    COPY --from=tools /lib /tools
    FROM scratch
    ARG VERSION
    ENV VERSION=$VERSION
    COPY --from=source /src/a.js /app/
    COPY --from=1 --chmod=600 /tools/b.js /app/tool.js`
  t.strictSame(await filesOf(dockerfile), { 'app/a.js': 'a', 'app/tool.js': 'b' }, 'nothing else of the stages')
  t.strictSame(await configOf(dockerfile), { Env: ['VERSION=7'] })
  t.strictSame(readdirSync(join(root, 'images')).sort(), ['names', 'sha256'])
  t.notOk(existsSync(join((await store.find('app'))!.rootDirectory, '../rootfs-stages')))
})
