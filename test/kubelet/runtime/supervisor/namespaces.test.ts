/** The pure parts of the `namespaces` runtime. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { groupFiles } from '../../../../kubelet/runtime/supervisor/namespaces/cgroup-files.ts'
import { prepareRoot } from '../../../../kubelet/runtime/supervisor/namespaces/container-root.ts'
import { firewallRules, linkOfRule } from '../../../../kubelet/runtime/supervisor/namespaces/firewall.ts'
import { splitEnvironment } from '../../../../kubelet/runtime/supervisor/namespaces/inherited.ts'
import { nodeNetwork } from '../../../../kubelet/runtime/supervisor/namespaces/node-network.ts'
import { lookUp } from '../../../../kubelet/runtime/supervisor/namespaces/root-view.ts'
import { fstabField, quote } from '../../../../kubelet/runtime/supervisor/namespaces/shell.ts'
import { testDirectory } from '../../../support/directory.ts'

t.test('words and fields, whatever they hold', async (t) => {
  t.equal(quote("it's $HOME"), "'it'\\''s $HOME'")
  t.equal(fstabField('/a b\\#\n'), '/a\\040b\\134\\043\\012')
})

t.test('variables that tools heed are set inside only', async (t) => {
  const env = { A: '1', LD_PRELOAD: '/evil.so', 'my.name': 'x', PWD: '/', PATH: '/bin', BASH_ENV: 'f' }
  t.strictSame(splitEnvironment(env), {
    early: { A: '1', PATH: '/bin' },
    late: ['LD_PRELOAD=/evil.so', 'my.name=x', 'PWD=/', 'BASH_ENV=f'],
  })
})

t.test('the network of a node', async (t) => {
  t.strictSame(nodeNetwork('10.1.2.0/24'), {
    ...{ podCidr: '10.1.2.0/24', prefix: 24, gateway: '10.1.2.1', link: 'kp0a010200' },
  })
  t.throws(() => nodeNetwork('10.1.2.0'), /not an IPv4 range/)
})

t.test('the links that rules of the packet filter are about', async (t) => {
  const rules = firewallRules('kp0a010200', '10.1.2.0/24')
  t.strictSame(
    rules.map(({ chain, words }) => linkOfRule(['-A', chain, ...words])),
    ['kp0a010200', 'kp0a010200', 'kp0a010200'],
  )
  t.equal(linkOfRule(['-A', 'FORWARD', '-o', 'docker0', '-j', 'DOCKER']), undefined)
})

t.test('limits as files of control groups', async (t) => {
  const limits = { cpuRequestMillis: 250, cpuLimitMillis: 500, memoryLimitBytes: 1000, pidsLimit: 9 }
  t.strictSame(groupFiles({ v1: {}, v2: '/g' }, limits), [
    {
      hierarchy: '/g',
      files: [
        { file: 'cpu.weight', value: '10' },
        { file: 'cpu.max', value: '50000 100000' },
        { file: 'memory.max', value: '1000' },
        { file: 'memory.oom.group', value: '1' },
        { file: 'pids.max', value: '9' },
      ],
    },
  ])
  t.strictSame(groupFiles({ v1: { memory: '/m', cpu: '/c' } }, { memoryLimitBytes: 1000, pidsLimit: 9 }), [
    { hierarchy: '/m', files: [{ file: 'memory.limit_in_bytes', value: '1000' }] },
  ])
  t.strictSame(groupFiles({ v1: { cpu: '/c' } }, {}), [])
})

t.test('links lead where they lead inside', async (t) => {
  const directory = testDirectory(t)
  for (const name of ['upper', 'lower/etc', 'lower/data']) mkdirSync(join(directory, name), { recursive: true })
  writeFileSync(join(directory, 'lower/etc/passwd'), '')
  symlinkSync('/etc/passwd', join(directory, 'upper/link'))
  symlinkSync('../../../../../etc', join(directory, 'upper/up'))
  symlinkSync('/circle', join(directory, 'upper/circle'))
  const view = { layers: [join(directory, 'upper'), join(directory, 'lower')], mounts: new Map() }
  t.strictSame(lookUp(view, '/link').hostPaths, [join(directory, 'lower/etc/passwd')])
  t.equal(lookUp(view, '/up/shadow').path, '/etc/shadow')
  t.strictSame(lookUp(view, '/up/shadow').hostPaths, [])
  t.throws(() => lookUp(view, '/circle'), /too many levels/)
})

t.test('a volume’s own link does not lead a mount below it out of the container', async (t) => {
  const directory = testDirectory(t)
  for (const name of ['lower', 'volume', 'other', 'elsewhere']) mkdirSync(join(directory, name))
  symlinkSync(join(directory, 'elsewhere'), join(directory, 'volume', 'way'))
  const mount = (hostPath: string, containerPath: string) => ({
    ...{ hostPath: join(directory, hostPath), containerPath, readOnly: false, propagation: 'None' as const },
  })
  const { binds } = prepareRoot(
    {
      ...{ directory: join(directory, 'container'), lowerLayers: [join(directory, 'lower')], systemMounts: new Map() },
      ...{ mounts: [mount('volume', '/data'), mount('other', '/data/way/other')], files: {}, workingDirectory: '/' },
    },
    () => true,
  )
  t.equal(binds[1]!.containerPath, join(directory, 'elsewhere', 'other'))
  t.throws(
    () => symlinkSync('x', join(directory, 'elsewhere', 'other', 'x')),
    { code: 'ENOENT' },
    'nothing was made there',
  )
})
