/** What volumes hold, and where: the pure parts. */
import fc from 'fast-check'
import t from 'tap'
import { configMapEntries, filesOfEntries, secretEntries } from '../../../kubelet/volumes/config-files.ts'
import { downwardFiles } from '../../../kubelet/volumes/downward-files.ts'
import { pathInVolume } from '../../../kubelet/volumes/file-paths.ts'
import { goQuote } from '../../../kubelet/volumes/go-quote.ts'
import { volumePath } from '../../../kubelet/volumes/paths.ts'
import type { ProjectedFiles } from '../../../kubelet/volumes/projected-file.ts'
import { subPathOf } from '../../../kubelet/volumes/sub-path.ts'
import { VolumeError } from '../../../kubelet/volumes/volume-error.ts'
import type { ConfigMap } from '../../../shared/api/config-map.ts'
import type { DownwardAPIVolumeFile } from '../../../shared/api/pod/pod.ts'
import type { Secret } from '../../../shared/api/secret.ts'
import { container, pod, UID } from '../pod/worlds.ts'

const shown = (files: ProjectedFiles) =>
  Object.fromEntries([...files].map(([path, { data, mode }]) => [path, `${data} ${mode.toString(8)}`]))

t.test('entries as files', async (t) => {
  const metadata = { name: 'conf', namespace: 'default' }
  const entries = configMapEntries({
    metadata,
    data: { a: 'A', b: 'B' },
    binaryData: { c: Buffer.from('C').toString('base64') },
  } as unknown as ConfigMap)
  const choose = (choice: object, found: typeof entries | undefined = entries) =>
    shown(
      filesOfEntries(
        { kind: 'configmap', name: 'conf', entries: found },
        { defaultMode: 0o644, optional: false, ...choice },
      ),
    )
  t.strictSame(choose({}), { a: 'A 644', b: 'B 644', c: 'C 644' })
  const items = [
    { key: 'a', path: 'x/y' },
    { key: 'c', path: 'z', mode: 0o400 },
  ]
  t.strictSame(choose({ items, defaultMode: 0o600 }), { 'x/y': 'A 600', z: 'C 400' })
  const absent = [{ key: 'none', path: 'x' }]
  t.throws(() => choose({ items: absent }), new VolumeError('configmap references non-existent config key: none'))
  t.strictSame(choose({ items: absent, optional: true }), {})
  t.throws(
    () => filesOfEntries({ kind: 'configmap', name: 'conf', entries: undefined }, { defaultMode: 0, optional: false }),
    new VolumeError('configmap "conf" not found'),
  )
  t.strictSame(
    shown(filesOfEntries({ kind: 'secret', name: 's', entries: undefined }, { defaultMode: 0, optional: true })),
    {},
  )
  const secret = secretEntries({
    metadata,
    data: { k: Buffer.from([0xff, 0]).toString('base64') },
  } as unknown as Secret)
  t.strictSame(secret.get('k'), Buffer.from([0xff, 0]), 'bytes stay as they are')
  t.throws(
    () =>
      filesOfEntries(
        { kind: 'secret', name: 's', entries: secret },
        { items: absent, defaultMode: 0, optional: false },
      ),
    new VolumeError('references non-existent secret key: none'),
  )
})

t.test('texts in quotes', async (t) => {
  for (const [text, wanted] of [
    ['plain text', '"plain text"'],
    ['a"b\\c', '"a\\"b\\\\c"'],
    ['\n\t\r\b\f\v\u0007', '"\\n\\t\\r\\b\\f\\v\\a"'],
    ['\u0001\u007f', '"\\x01\\x7f"'],
    ['grün 日本 😀', '"grün 日本 😀"'],
    ['\u200b\u00a0\u{e0001}', '"\\u200b\\u00a0\\U000e0001"'],
  ] as const)
    t.equal(goQuote(text), wanted)
})

t.test('the downward API', async (t) => {
  const resources = { limits: { cpu: '1500m' }, requests: { memory: '64Mi' } }
  const given = pod({ containers: [container('c', { resources })] }, { labels: { b: '2', a: '1' }, annotations: {} })
  const sources = { pod: given, allocatable: { cpu: '4', memory: '1Gi' } }
  const field = (path: string, fieldPath: string) => ({ path, fieldRef: { apiVersion: 'v1', fieldPath } })
  const resource = (resource: string, fields: object = {}) => ({
    path: 'r',
    resourceFieldRef: { resource, containerName: 'c', ...fields },
  })
  const rows: [DownwardAPIVolumeFile, string][] = [
    [field('f', 'metadata.labels'), 'a="1"\nb="2"'],
    [field('f', 'metadata.annotations'), ''],
    [field('f', "metadata.labels['b']"), '2'],
    [field('f', 'metadata.uid'), UID],
    [resource('limits.cpu'), '2'],
    [resource('limits.cpu', { divisor: '1m' }), '1500'],
    [resource('requests.memory', { divisor: '1Mi' }), '64'],
    [resource('limits.memory', { divisor: '1Mi' }), '1024'],
  ]
  for (const [item, wanted] of rows) t.equal([...downwardFiles([item], 0o644, sources).values()][0]!.data, wanted)
  t.throws(
    () => downwardFiles([resource('limits.cpu', { containerName: 'none' })], 0o644, sources),
    new VolumeError('container none not found'),
  )
  t.strictSame(shown(downwardFiles([{ ...field('x/f', 'metadata.name'), mode: 0o444 }], 0o644, sources)), {
    'x/f': 'crash 444',
  })
})

t.test('paths of files stay in their volume', async (t) => {
  for (const [path, wanted] of [
    ['a', 'a'],
    ['a//b/./c', 'a/b/c'],
    ['a..b', 'a..b'],
    ['.hidden', '.hidden'],
  ] as const)
    t.equal(pathInVolume(path), wanted)
  for (const path of ['', '/a', '..', '../a', 'a/../../b', '..data', './..data', '.', './', 'a\0b', 'x'.repeat(256)])
    t.throws(() => pathInVolume(path), VolumeError, JSON.stringify(path))
})

/** Texts that somebody may send to leave a folder. */
const anyPath = fc
  .array(fc.oneof(fc.constantFrom('..', '.', '/', '//', '\0', '%2e%2e', '．．', '..\\', 'a', '..data'), fc.string()), {
    maxLength: 6,
  })
  .chain((parts) => fc.constantFrom('', '/').map((joint) => parts.join(joint)))

t.test('whatever is sent leads nowhere else', async () => {
  const isBelow = (path: string) => !path.startsWith('/') && !path.split('/').includes('..') && !path.includes('\0')
  const accepts = (judge: (text: string) => string, isFine: (result: string) => boolean) =>
    fc.assert(
      fc.property(anyPath, (text) => {
        try {
          return isFine(judge(text))
        } catch (error) {
          return error instanceof VolumeError
        }
      }),
    )
  accepts(pathInVolume, (path) => path !== '' && isBelow(path) && !path.startsWith('..'))
  accepts((subPath) => subPathOf({ name: 'v', mountPath: '/m', subPath }, {}), isBelow)
  accepts((value) => subPathOf({ name: 'v', mountPath: '/m', subPathExpr: '$(A)' }, { A: value }), isBelow)
  accepts(
    (name) => volumePath('/pods/uid', 'secret', name),
    (path) => /^\/pods\/uid\/volumes\/kubernetes\.io~secret\/[-a-z0-9]+$/.test(path),
  )
})

t.test('parts of volumes by variables', async (t) => {
  const of = (subPathExpr: string) => subPathOf({ name: 'v', mountPath: '/m', subPathExpr }, { A: 'a', UP: '..' })
  t.equal(of('x/$(A)/$$(A)'), 'x/a/$(A)')
  t.throws(() => of('$(NONE)'), new VolumeError('missing value for "NONE"'))
  t.throws(() => of('$(UP)/x'), new VolumeError("unable to provision SubPath `../x`: must not contain '..'"))
  t.throws(
    () => subPathOf({ name: 'v', mountPath: '/m', subPath: '/etc' }, {}),
    new VolumeError('error SubPath `/etc` must not be an absolute path'),
  )
})
