/** What is written to disk: published files, host paths, memory, roots of links, and their removal. */
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { chmod, link, mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import t from 'tap'
import { mountVariables, translateMounted, translateWordsBy } from '../../../kubelet/runtime/mounted-paths.ts'
import type { Mount } from '../../../kubelet/runtime/runtime.ts'
import { containerMounts } from '../../../kubelet/volumes/container-mounts.ts'
import { setUpHostPath } from '../../../kubelet/volumes/host-path.ts'
import { linkRoot } from '../../../kubelet/volumes/linked-root.ts'
import {
  findMemoryDirectory,
  nodesMemory,
  openMemoryDirectory,
  removeMemoryDirectory,
} from '../../../kubelet/volumes/memory-directory.ts'
import { publishFiles } from '../../../kubelet/volumes/publish-files.ts'
import { removeTree } from '../../../kubelet/volumes/remove-tree.ts'
import { layOutRoot } from '../../../kubelet/volumes/root-links.ts'
import { resolveSubPath } from '../../../kubelet/volumes/sub-path.ts'
import { takesMoreThan } from '../../../kubelet/volumes/usage.ts'
import { VolumeError } from '../../../kubelet/volumes/volume-error.ts'
import { testDirectory } from '../../support/directory.ts'

const root = testDirectory(t)
let count = 0
async function fresh(): Promise<string> {
  const directory = join(root, String(++count))
  await mkdir(directory)
  return directory
}

const NOW = Date.parse('2026-01-31T09:30:00Z')
const files = (texts: Record<string, string>, mode = 0o644) =>
  new Map(Object.entries(texts).map(([path, data]) => [path, { data, mode }]))
const publish = (directory: string, given: ReturnType<typeof files>) =>
  publishFiles(directory, given, { nowMs: NOW, ownership: { fileMode: 0o440 } })

t.test('published files', async (t) => {
  const directory = await fresh()
  t.equal(await publish(directory, files({ a: '1', 'x/b': '2' })), true)
  t.equal(readFileSync(join(directory, 'x/b'), 'utf8'), '2')
  t.equal(readlinkSync(join(directory, 'a')), '..data/a')
  const first = readlinkSync(join(directory, '..data'))
  t.match(first, /^\.\.2026_01_31_09_30_00\./)
  t.equal(await publish(directory, files({ a: '1', 'x/b': '2' })), false, 'nothing has changed')
  t.equal(readlinkSync(join(directory, '..data')), first)

  await mkdir(join(directory, '..2026_left_by_a_kubelet_that_died'))
  t.equal(await publish(directory, files({ a: '1', c: '3' }, 0o400)), true)
  t.strictSame(
    readdirSync(directory).filter((name) => !name.startsWith('..')),
    ['a', 'c'],
  )
  t.equal(readdirSync(directory).length, 4, 'older files are gone')
  t.equal(statSync(join(directory, 'a')).mode & 0o777, 0o400)
  t.equal(await publish(directory, files({ a: '1', c: '3' }, 0o600)), true, 'a mode counts as a change')
  t.equal(await publish(directory, files({})), true)
  t.strictSame(
    readdirSync(directory).filter((name) => !name.startsWith('..')),
    [],
  )
})

const notRoot = process.getuid?.() !== 0 && 'only root can give files away'

t.test('files for a group', { skip: notRoot }, async (t) => {
  const directory = await fresh()
  const ownership = { groupId: 1234, fileMode: 0o440 }
  const given = files({ 'x/token': 't' }, 0o600)
  t.equal(await publishFiles(directory, given, { nowMs: NOW, ownership }), true)
  const { gid, mode } = statSync(join(directory, 'x/token'))
  t.strictSame([gid, mode & 0o777], [1234, 0o640])
  const inner = statSync(join(directory, 'x'))
  t.strictSame([inner.gid, inner.mode & 0o7777], [1234, 0o2755])
  t.equal(await publishFiles(directory, given, { nowMs: NOW, ownership }), false, 'that counts as the same')
})

t.test('the process’s mask takes nothing away', async (t) => {
  const directory = await fresh()
  const before = process.umask(0o077)
  t.teardown(() => process.umask(before))
  await publish(directory, files({ 'x/y/a': '1' }, 0o666))
  t.strictSame(
    ['x', 'x/y', 'x/y/a'].map((path) => statSync(join(directory, path)).mode & 0o777),
    [0o755, 0o755, 0o666],
  )
  process.umask(before)
})

t.test('host paths', async (t) => {
  const directory = await fresh()
  const file = join(directory, 'file')
  await writeFile(file, '')
  const at = (path: string, type?: string) => setUpHostPath({ path, ...(type !== undefined && { type }) } as never)
  for (const [path, type] of [
    [directory, 'Directory'],
    [file, 'File'],
    [join(directory, 'made/deep'), 'DirectoryOrCreate'],
    [join(directory, 'made/file'), 'FileOrCreate'],
    [join(directory, 'made/too'), ''],
    ['/dev/null', 'CharDevice'],
  ] as const) {
    t.equal(await at(path, type), path)
    t.ok(existsSync(path), type)
  }
  for (const [path, type, message] of [
    [join(directory, 'none'), 'Directory', `hostPath type check failed: ${directory}/none is not a directory`],
    [join(directory, 'none'), 'File', `hostPath type check failed: ${directory}/none is not a file`],
    [file, 'DirectoryOrCreate', `hostPath type check failed: ${file} is not a directory`],
    [directory, 'FileOrCreate', `hostPath type check failed: ${directory} is not a file`],
    [file, 'Socket', `hostPath type check failed: ${file} is not a socket file`],
    [file, 'CharDevice', `hostPath type check failed: ${file} is not a character device`],
    [file, 'BlockDevice', `hostPath type check failed: ${file} is not a block device`],
    [join(directory, 'no/file'), 'FileOrCreate', `open ${directory}/no/file: no such file or directory`],
    [join(file, 'x'), 'DirectoryOrCreate', `mkdir ${file}/x: not a directory`],
    ['/a\0b', '', 'hostPath must not contain a null byte'],
  ] as const)
    await t.rejects(at(path, type), new VolumeError(message))
})

t.test('a part of a volume', async (t) => {
  const volume = await fresh()
  const resolve = (path: string) => resolveSubPath(volume, path, { mount: 'v', container: 'c' })
  await chmod(volume, 0o777)
  t.equal(await resolve('a/b'), join(volume, 'a/b'))
  t.equal(statSync(join(volume, 'a')).mode & 0o777, 0o777, 'as the volume itself')
  await symlink('/etc', join(volume, 'out'))
  await symlink('a', join(volume, 'in'))
  t.equal(await resolve('in/b'), join(volume, 'a/b'))
  for (const path of ['out', 'out/passwd', 'out/made'])
    await t.rejects(resolve(path), new VolumeError('failed to prepare subPath for volumeMount "v" of container "c"'))
  await writeFile(join(volume, 'file'), '')
  await t.rejects(
    resolve('file/x'),
    new VolumeError('failed to create subPath directory for volumeMount "v" of container "c"'),
  )
})

t.test('memory', { skip: !existsSync('/dev/shm') && 'no file system in memory here' }, async (t) => {
  const node = await fresh()
  t.equal(await findMemoryDirectory(node), undefined)
  const memory = await openMemoryDirectory(node)
  t.teardown(() => removeTree(memory))
  t.equal(dirname(memory), nodesMemory())
  t.equal(statSync(nodesMemory()).mode & 0o777, 0o700)
  t.equal(statSync(memory).mode & 0o777, 0o700)
  t.equal(await openMemoryDirectory(node), memory, 'found again')
  await writeFile(join(memory, 'secret'), '')
  await removeMemoryDirectory(node)
  t.notOk(existsSync(memory))
  t.strictSame(readdirSync(node), [])

  const lost = await fresh()
  const left = await openMemoryDirectory(lost)
  const kept = await openMemoryDirectory(node)
  t.ok(existsSync(left))
  t.equal(dirname(left), dirname(kept), 'one directory has them all')
  await removeTree(lost)
  await removeMemoryDirectory(node)
  const next = await openMemoryDirectory(node)
  t.teardown(() => removeTree(next))
  t.notOk(existsSync(left), 'what a node has left whose directory is gone is removed by the next one')
  t.not(next, kept)

  const foreign = await fresh()
  await symlink('/etc', join(foreign, 'memory'))
  t.equal(await findMemoryDirectory(foreign), undefined, 'a link elsewhere is not followed')
  await removeMemoryDirectory(foreign)
  t.ok(existsSync('/etc/passwd'))
})

t.test('no memory: the disk', async (t) => {
  const node = await fresh()
  const shared = await fresh()
  const memory = await openMemoryDirectory(node, { shared })
  t.equal(memory, join(node, 'memory'))
  t.equal(statSync(memory).mode & 0o777, 0o700)
  await removeMemoryDirectory(node, { shared })
  t.notOk(existsSync(memory))
})

const mount = (hostPath: string, containerPath: string, readOnly = false): Mount => ({
  hostPath,
  containerPath,
  readOnly,
  propagation: 'None',
})

t.test('a root of links', async (t) => {
  const [image, volume, inner] = [await fresh(), await fresh(), await fresh()]
  await mkdir(join(image, 'etc/app'), { recursive: true })
  await writeFile(join(image, 'etc/app/default.conf'), 'image')
  await writeFile(join(image, 'main.js'), 'js')
  await symlink('/etc', join(image, 'out'))
  await writeFile(join(volume, 'key'), 'volume')
  const place = join(await fresh(), 'roots/c')
  const mounts = [
    mount(volume, '/etc/app/conf'),
    mount(volume, '/new/place'),
    mount(inner, '/new/place/inner'),
    mount(volume, '/out/side'),
  ]
  await layOutRoot(place, { imageDirectory: image, mounts })
  const read = (path: string) => readFileSync(join(place, path), 'utf8')
  t.equal(read('main.js'), 'js')
  t.equal(read('etc/app/default.conf'), 'image')
  t.equal(read('etc/app/conf/key'), 'volume')
  t.equal(read('new/place/key'), 'volume')
  t.strictSame(readdirSync(join(place, 'out')), ['side'], 'nothing of the host comes in by a link of the image')
  await writeFile(join(place, 'new/place/inner/x'), '')
  t.strictSame(readdirSync(inner), ['x'])
  await layOutRoot(place, { imageDirectory: image, mounts })
  t.ok(lstatSync(join(place, 'new/place')).isSymbolicLink(), 'again for the next run')

  await t.rejects(
    layOutRoot(place, { imageDirectory: undefined, mounts: [mount(volume, '/a', true), mount(inner, '/a/b')] }),
    new VolumeError('mkdir /a/b: read-only file system'),
  )
  await t.rejects(
    layOutRoot(place, { imageDirectory: undefined, mounts: [mount(volume, '/a'), mount(inner, '/a/key')] }),
    VolumeError,
  )
})

t.test('paths and variables of a root of links', async (t) => {
  const [pod, volume] = [await fresh(), await fresh()]
  const volumeMounts = [
    { name: 'my-conf', mountPath: '/conf' },
    { name: 'my-conf', mountPath: '/again' },
  ]
  const mounts = [mount(volume, '/conf'), mount(volume, '/again')]
  const { view, environment } = await linkRoot(pod, { name: 'c', volumeMounts }, { imageDirectory: undefined, mounts })
  const at = view.rootDirectory!
  t.equal(at, join(pod, 'roots/c'))
  const env = environment({ FILE: '/conf/a', OTHER: '/config', TEXT: 'see /conf/a' })
  t.strictSame(env, {
    KUBEPROC_ROOT: at,
    KUBEPROC_VOLUME_MY_CONF: `${at}/conf`,
    KUBEPROC_VOLUME_MY_CONF_2: `${at}/again`,
    FILE: `${at}/conf/a`,
    OTHER: '/config',
    TEXT: 'see /conf/a',
  })
  t.strictSame(mountVariables('/r', [{ volume: 'kube-api-access-x7k2p', containerPath: '/var' }]), {
    KUBEPROC_ROOT: '/r',
    KUBEPROC_VOLUME_KUBE_API_ACCESS: '/r/var',
  })
  const words = [
    'cat',
    '/conf/a',
    '/conf',
    '/again/../conf/b',
    '/conf/../etc/passwd',
    '/config',
    '-f=/conf/a',
    'conf/a',
  ]
  t.strictSame(
    translateWordsBy(env, words, () => true),
    [
      'cat',
      ...[`${at}/conf/a`, `${at}/conf`, `${at}/conf/b`, '/conf/../etc/passwd', '/config', '-f=/conf/a', 'conf/a'],
    ],
  )
  t.strictSame(
    translateWordsBy({}, words, () => true),
    words,
  )
  t.equal(translateMounted({ rootDirectory: at, mountPaths: [] }, '/conf'), '/conf')
  for (const [path, isDirectory, wanted] of [
    ['/conf', true, ['-C', at, 'conf/.']],
    ['/conf/', true, ['-C', at, 'conf/.']],
    ['/conf', false, ['-C', at, '-h', 'conf']],
    ['/conf/a/../b', true, ['-C', at, 'conf/b']],
    ['/config', true, ['/config']],
    ['conf/b', true, ['conf/b']],
  ] as const)
    t.strictSame(
      translateWordsBy(env, ['tar', 'cf', '-', path], () => isDirectory),
      ['tar', 'cf', '-', ...wanted],
    )
})

t.test('mounts of a container', async (t) => {
  const volume = await fresh()
  const volumes = new Map([['v', { hostPath: volume, readOnly: false, isPublished: false }]])
  const of = (volumeMounts: object[], fields: object = {}) =>
    containerMounts({
      container: { name: 'c', volumeMounts: volumeMounts as never, ...fields },
      variables: {},
      volumes,
      asLinks: false,
    })
  t.strictSame(
    await of([
      { name: 'v', mountPath: '/a/b', readOnly: true },
      { name: 'v', mountPath: 'a' },
    ]),
    [mount(volume, '/a'), mount(volume, '/a/b', true)],
  )
  for (const [volumeMounts, message] of [
    [[{ name: 'none', mountPath: '/a' }], 'cannot find volume "none" to mount into container "c"'],
    [[{ name: 'v', mountPath: '/..' }], 'mount destination "/.." is not allowed'],
  ] as const)
    await t.rejects(of([...volumeMounts]), new VolumeError(message))
  await t.rejects(
    of([], { volumeDevices: [{ name: 'd', devicePath: '/dev/x' }] }),
    new VolumeError('cannot find volume "d" to pass into container "c"'),
  )
})

t.test('sizes', async (t) => {
  const directory = await fresh()
  const { signal } = new AbortController()
  await mkdir(join(directory, 'deep'))
  await writeFile(join(directory, 'deep/a'), Buffer.alloc(100_000))
  await link(join(directory, 'deep/a'), join(directory, 'same'))
  await symlink('/usr', join(directory, 'elsewhere'))
  t.equal(await takesMoreThan(directory, 90_000, signal), true)
  t.equal(await takesMoreThan(directory, 150_000, signal), false, 'one file of two names counts once')
  t.equal(await takesMoreThan(join(directory, 'none'), 0, signal), false)
})

t.test('what a container has locked is removed as well', async (t) => {
  const directory = await fresh()
  await mkdir(join(directory, 'a/b'), { recursive: true })
  await writeFile(join(directory, 'a/b/c'), '')
  for (const path of ['a/b', 'a']) await chmod(join(directory, path), 0o500)
  await removeTree(directory)
  t.notOk(existsSync(directory))
  await removeTree(directory)
})

t.test('a tree deeper than paths can be is measured as far as they lead, and removed', async (t) => {
  const directory = await fresh()
  const chain = join(...Array.from({ length: 14 }, () => 'x'.repeat(200)))
  const deep = join(directory, 'deep')
  // From the inside out, so that each step has a short path.
  for (const outer of ['first', 'second', 'third']) {
    const end = join(directory, outer, chain)
    await mkdir(end, { recursive: true })
    await writeFile(join(end, 'file'), 'x')
    if (existsSync(deep)) await rename(deep, join(end, 'below'))
    await chmod(end, 0o500)
    await rename(join(directory, outer), deep)
  }
  t.equal(await takesMoreThan(directory, 1_000_000_000, new AbortController().signal), false)
  await removeTree(directory)
  t.notOk(existsSync(directory))
})
