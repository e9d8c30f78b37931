import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { shownAge, shownName, shownSize } from '../../cluster/image/shown.ts'
import { kubeproc } from '../support/cluster.ts'
import { testDirectory } from '../support/directory.ts'

t.test('images by the command line', async (t) => {
  const root = testDirectory(t, {
    app: { Dockerfile: 'FROM scratch\nARG V\nENV V=$V\nCOPY a /\nCMD ["sh", "/a"]', a: 'x' },
  })
  const image = async (...words: string[]) => {
    const { code, stdout, stderr } = await kubeproc(['image', ...words, `--data-dir=${join(root, 'data')}`])
    return { code, said: (stdout + stderr).trim() }
  }
  t.match(await image('build', '-t', 'luksa/app', '--build-arg', 'V=7', join(root, 'app')), {
    code: 0,
    said: /^luksa\/app is sha256:/,
  })
  const [, line = ''] = (await image('ls')).said.split('\n')
  t.match(line, /^luksa\/app +latest +[0-9a-f]{12} +\d+[smh] +1B$/)
  const id = line.split(/ +/)[2]!
  const [shown] = JSON.parse((await image('inspect', id, '-o', 'json')).said)
  t.match(shown, { names: ['docker.io/luksa/app:latest'], config: { config: { Env: ['V=7'], Cmd: ['sh', '/a'] } } })

  const records = join(root, 'data/nodes/node-1/containers')
  mkdirSync(records, { recursive: true })
  const state = { name: 'c', state: 'running', annotations: { imageID: shown.id } }
  writeFileSync(join(records, 'c.json'), JSON.stringify({ state }))
  t.match(await image('rm', 'luksa/app'), {
    code: 1,
    said: /^kubeproc: image luksa\/app is in use: container c on node-1/,
  })
  t.strictSame(await image('rm', '--force', 'luksa/app'), { code: 0, said: `untagged luksa/app:latest\ndeleted ${id}` })
  t.match(await image('inspect', 'luksa/app'), { code: 1, said: /^kubeproc: there is no image "luksa\/app"/ })
  t.match(await image('rm'), { code: 2, said: /^kubeproc: usage: kubeproc image rm / })
})

t.test('how images are shown', async (t) => {
  t.strictSame([0, 999, 1000, 1234, 999_999, 56_789_000].map(shownSize), [
    '0B',
    '999B',
    '1kB',
    '1.23kB',
    '1000kB',
    '56.8MB',
  ])
  t.strictSame([0, 59_999, 60_000, 7_200_000, 864e5 * 3].map(shownAge), ['0s', '59s', '1m', '2h', '3d'])
  t.strictSame(['docker.io/library/a:b', 'docker.io/c/a:b', 'ghcr.io/x:1'].map(shownName), [
    'a:b',
    'c/a:b',
    'ghcr.io/x:1',
  ])
})
