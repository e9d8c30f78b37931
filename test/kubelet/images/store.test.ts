import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { imageNameProblem, parseImageName } from '../../../kubelet/images/image-name.ts'
import { nodeImages } from '../../../kubelet/images/node-images.ts'
import { insideImage } from '../../../kubelet/images/paths.ts'
import { type ListedImage, openImageStore } from '../../../kubelet/images/store.ts'
import { testDirectory } from '../../support/directory.ts'

const store = openImageStore(join(testDirectory(t), 'images'))

/** Adds an image of one file. */
const add = (name: string, text: string) =>
  store.add(parseImageName(name)!, async (root) => {
    writeFileSync(join(root, 'file'), text)
    return { architecture: 'a', os: 'o', config: { Cmd: [text] }, rootfs: { type: 'layers', diff_ids: [] } }
  })

const namesOf = async () => Object.fromEntries((await store.list()).map(({ id, names }) => [id, names]))

t.test('images with their names', async (t) => {
  t.strictSame(await store.list(), [], 'there is no store yet')
  const one = await add('luksa/kubia', 'one')
  await add('luksa/kubia:v1', 'one')
  const two = await add('ghcr.io/a/b:v2', 'two!')
  t.strictSame(await namesOf(), {
    [one.id]: ['docker.io/luksa/kubia:latest', 'docker.io/luksa/kubia:v1'],
    [two.id]: ['ghcr.io/a/b:v2'],
  })
  t.strictSame((await store.list()).find(({ id }) => id === two.id)?.sizeBytes, 4)

  await add('luksa/kubia', 'two!')
  t.strictSame((await namesOf())[one.id], ['docker.io/luksa/kubia:v1'], 'a name moves to the newer image')
  await store.removeName(parseImageName('luksa/kubia:v1')!)
  await store.removeName(parseImageName('never/was')!)
  t.strictSame((await namesOf())[one.id], [])
  await store.remove(one.id)
  t.strictSame(Object.keys(await namesOf()), [two.id])
  t.notOk(existsSync(one.rootDirectory))
  t.equal(await store.find(`luksa/kubia@${one.id}`), undefined)
  await t.rejects(store.remove('sha256:../../etc'), { message: 'sha256:../../etc is no ID of an image' })
  t.strictSame(readdirSync(store.directory).sort(), ['names', 'sha256'], 'nothing else is left')
})

t.test('what a node reports', async (t) => {
  const image = (id: string, names: string[], sizeBytes: number) => ({ id, names, sizeBytes }) as ListedImage
  t.strictSame(
    nodeImages([image('sha256:1', ['a/b:v1', 'a/b:v2'], 5), image('sha256:2', ['c/d:x'], 9), image('s', [], 99)]),
    [
      { names: ['c/d@sha256:2', 'c/d:x'], sizeBytes: 9 },
      { names: ['a/b@sha256:1', 'a/b:v1', 'a/b:v2'], sizeBytes: 5 },
    ],
  )
  const many = Array.from({ length: 60 }, (_, index) => image(`sha256:${index}`, [`a/b:${index}`], index))
  t.equal(nodeImages(many).length, 50)
  t.equal(nodeImages(many).at(-1)?.sizeBytes, 10, 'the largest')
})

t.test('why a text is no name', async (t) => {
  for (const [name, why] of [
    ['Upper', ': repository name (library/Upper) must be lowercase'],
    ['a/Upper:v1', ': repository name (a/Upper) must be lowercase'],
    ['ghcr.io/A', ': repository name (A) must be lowercase'],
    ['a b', ''],
    ['../a', ''],
    ['', ''],
  ] as const)
    t.equal(imageNameProblem(name), `invalid reference format${why}`)
})

/** Names that somebody may send to leave the store. */
const anyName = fc
  .array(
    fc.oneof(
      fc.constantFrom('..', '.', '/', ':', '@', '\0', '%2e%2e%2f', '．．', '\u2024', '\\', 'a', 'A', 'sha256:', '~'),
      fc.string({ unit: 'binary' }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''))

t.test('no name leads out of the store', async (t) => {
  const outside = testDirectory(t)
  mkdirSync(join(outside, 'images'))
  const isName = (text: string) => text !== '' && text !== '.' && text !== '..' && !/[/\\\0]/.test(text)
  await fc.assert(
    fc.asyncProperty(anyName, async (text) => {
      const name = parseImageName(text)
      const lookedUp = await openImageStore(join(outside, 'images')).find(text)
      if (name === undefined) return lookedUp === undefined
      const isTag = name.digest === '' ? isName(name.tag) : /^sha256:[0-9a-f]{64}$/.test(name.digest)
      return isTag && isName(encodeURIComponent(name.repository))
    }),
  )
  fc.assert(
    fc.property(anyName, (path) => {
      const found = insideImage('/store/image', path)
      return found === '/store/image' || found.startsWith(`/store/image${sep}`) || found === '/store/image/'
    }),
  )
})
