import { delimiter, dirname } from 'node:path'
import t from 'tap'
import { containerEnvironment, inheritedPath } from '../../../kubelet/runtime/container-environment.ts'

const identity = { ip: '127.1.1.5', hostname: 'kubia' }

t.test('the runtime’s own variables', async (t) => {
  const env = containerEnvironment({}, identity)
  t.match(env, { POD_IP: '127.1.1.5', HOST: '127.1.1.5', HOSTNAME: 'kubia', HOME: /./ })
  t.match(env.NODE_OPTIONS, /^--require ".*bind-pod-address.cjs" --require ".*pod-hostname.cjs"$/)
  t.equal(env.PATH, [dirname(process.execPath), inheritedPath(process.env.PATH)].join(delimiter))
  t.strictSame(Object.keys(env).sort(), ['HOME', 'HOST', 'HOSTNAME', 'NODE_OPTIONS', 'PATH', 'POD_IP'])
})

t.test('the pod’s variables stay', async (t) => {
  const env = containerEnvironment(
    { HOST: 'mine', HOME: '/app', PATH: '/app/bin', NODE_OPTIONS: '--max-http-header-size=1', A: 'b' },
    identity,
  )
  t.match(env, { HOST: 'mine', HOME: '/app', A: 'b', POD_IP: '127.1.1.5' })
  t.equal(env.PATH, `${dirname(process.execPath)}${delimiter}/app/bin`, 'with our Node in front')
  t.match(env.NODE_OPTIONS, /pod-hostname.cjs" --max-http-header-size=1$/)
})

t.test('what npm adds to the PATH of what it starts is no container’s', async (t) => {
  const npm = [
    '/app/node_modules/.bin',
    '/node_modules/.bin',
    '/lib/npm/node_modules/@npmcli/run-script/lib/node-gyp-bin',
  ]
  t.equal(
    inheritedPath([...npm, '/usr/bin', '/opt/node_modules', '/bin'].join(delimiter)),
    ['/usr/bin', '/opt/node_modules', '/bin'].join(delimiter),
  )
  t.match(inheritedPath(), /^\/usr\/local\/sbin:/)
})
