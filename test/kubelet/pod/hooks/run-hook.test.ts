/** Hooks of real containers: what runs when, and what is told where one fails. */
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import { testDirectory } from '../../../support/directory.ts'
import { SLEEP, startTestNode, statusOf } from '../../../support/test-node.ts'
import { until } from '../../../support/until.ts'

const directory = testDirectory(t)
const node = await startTestNode(directory, ['--crash-loop-backoff-initial=300ms'])
t.teardown(() => node.stop())
t.jobs = 8

const sh = (script: string) => ['sh', '-c', script]
const exec = (script: string) => ({ exec: { command: sh(script) } })
const appends = (file: string, line: string) => `echo ${line} >> ${file}`
const linesOf = (file: string) => readFileSync(file, 'utf8').trim().split('\n')

t.test('postStart holds up the container’s state and what is started after it', async (t) => {
  const gate = join(directory, 'gate')
  await node.create('gated', {
    containers: [
      {
        name: 'c',
        image: 'none',
        command: SLEEP,
        lifecycle: { postStart: exec(`until test -e ${gate}; do sleep 0.02; done`) },
      },
      { name: 'd', image: 'none', command: SLEEP },
    ],
  })
  await node.untilEvent('gated', 'Started', 'Started container c')
  const held = await node.until('gated', (pod) => statusOf(pod)?.containerID !== undefined)
  t.match(statusOf(held), { state: { waiting: { reason: 'ContainerCreating' } }, ready: false, started: false })
  t.equal(held.status.containerStatuses?.[1]?.containerID, undefined)
  t.equal(held.status.phase, 'Pending')
  writeFileSync(gate, '')
  t.match(await node.untilReady('gated'), { status: { phase: 'Running' } })
})

t.test('a postStart hook that fails ends its container, which is restarted', async (t) => {
  await node.create('unhooked', node.one({ lifecycle: { postStart: exec('echo secret; exit 3') } }))
  await node.untilEvent('unhooked', 'FailedPostStartHook', 'PostStartHook failed')
  await node.untilEvent('unhooked', 'Killing', 'FailedPostStartHook')
  const shown = await node.until('unhooked', (pod) => statusOf(pod)?.state.waiting?.reason === 'PostStartHookError')
  t.match(statusOf(shown)?.state.waiting?.message, /^Exec lifecycle hook .* exited with 3/)
  t.match(statusOf(await node.until('unhooked', (pod) => (statusOf(pod)?.restartCount ?? 0) >= 1))?.lastState, {
    terminated: { exitCode: 143 },
  })
  const told = node.seenEvents.list().filter(({ involvedObject }) => involvedObject.name === 'unhooked')
  t.notMatch(JSON.stringify(told), /secret/, 'what a hook prints is in no event')
})

t.test('a preStop hook runs before the container is asked to end', async (t) => {
  const file = join(directory, 'order')
  const script = `trap '${appends(file, 'term')}; exit 0' TERM; echo up; while :; do sleep 0.02; done`
  await node.create('polite', {
    ...node.one({ command: sh(script), lifecycle: { preStop: exec(appends(file, 'hook')) } }),
    terminationGracePeriodSeconds: 30,
  })
  await node.untilReady('polite')
  await node.delete('polite')
  await node.untilGone('polite')
  t.strictSame(linesOf(file), ['hook', 'term'])
})

t.test('a preStop hook that fails is told, and the container ends all the same', async () => {
  await node.create('clumsy', node.one({ lifecycle: { preStop: exec('exit 1') } }))
  await node.untilReady('clumsy')
  await node.delete('clumsy', 30)
  await node.untilGone('clumsy')
  await node.untilEvent('clumsy', 'FailedPreStopHook', 'PreStopHook failed')
})

t.test('a preStop hook counts within the grace', async (t) => {
  await node.create('slow', node.one({ lifecycle: { preStop: { sleep: { seconds: 1 } } } }))
  await node.create('stuck', node.one({ lifecycle: { preStop: exec('sleep 1000') } }))
  await Promise.all(['slow', 'stuck'].map(node.untilReady))
  await Promise.all(['slow', 'stuck'].map((name) => node.delete(name, 1)))
  await Promise.all(['slow', 'stuck'].map(node.untilGone))
  t.pass('neither outlives its grace for long')
})

t.test('a shorter grace that comes during the hook counts', async () => {
  await node.create('hurried', {
    ...node.one({ lifecycle: { preStop: exec('sleep 1000') } }),
    terminationGracePeriodSeconds: 600,
  })
  await node.untilReady('hurried')
  await node.delete('hurried')
  await node.untilEvent('hurried', 'Killing')
  await node.delete('hurried', 1)
  await node.untilGone('hurried')
})

t.test('hooks over HTTP, on the pod’s own port or another host’s', async (t) => {
  const asked: string[] = []
  const server = createServer((request, answer) => {
    asked.push(`${request.url} ${request.headers['user-agent']} ${request.headers.who}`)
    answer.writeHead(500).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  const httpGet = { host: '127.0.0.1', port, path: '/started?x=1', httpHeaders: [{ name: 'Who', value: 'me' }] }
  await node.create('asks', node.one({ lifecycle: { postStart: { httpGet } } }))
  await node.untilReady('asks')
  t.strictSame(asked, ['/started?x=1 kube-lifecycle/1.33 me'], 'any answer is good')
  await node.create(
    'asks-in-vain-for-tls',
    node.one({ lifecycle: { postStart: { httpGet: { ...httpGet, scheme: 'HTTPS' } } } }),
  )
  await node.untilReady('asks-in-vain-for-tls')
  await node.untilEvent(
    'asks-in-vain-for-tls',
    'LifecycleHTTPFallback',
    `request to HTTPS lifecycle hook 127.0.0.1:${port} got HTTP response, retry with HTTP succeeded`,
  )
  await node.create('cannot-ask', node.one({ lifecycle: { postStart: { httpGet: { port: 1 } } } }))
  await node.untilEvent('cannot-ask', 'FailedPostStartHook', 'PostStartHook failed')
})

t.test('hooks of all containers begin at once, and sidecars end last', async (t) => {
  const file = join(directory, 'sidecars')
  const ends = (name: string) => sh(`trap '${appends(file, name)}; exit 0' TERM; while :; do sleep 0.02; done`)
  await node.create('crew', {
    terminationGracePeriodSeconds: 30,
    initContainers: ['one', 'two'].map((name) => ({
      ...{ name, image: 'none', command: ends(name), restartPolicy: 'Always' },
      lifecycle: { preStop: exec(appends(file, `hook-${name}`)) },
    })),
    containers: [
      {
        ...{ name: 'c', image: 'none', command: ends('main') },
        lifecycle: { preStop: exec(`until grep -q hook-two ${file}; do sleep 0.02; done`) },
      },
    ],
  })
  await node.untilReady('crew')
  await node.delete('crew')
  await node.untilGone('crew')
  t.strictSame(linesOf(file).slice(-3), ['main', 'two', 'one'])
  t.strictSame(linesOf(file).slice(0, 2).sort(), ['hook-one', 'hook-two'])
})

t.test('a hook runs within the container’s environment', async (t) => {
  const file = join(directory, 'environment')
  await node.create(
    'at-home',
    node.one({ env: [{ name: 'COLOR', value: 'red' }], lifecycle: { postStart: exec(`echo $COLOR > ${file}`) } }),
  )
  await node.untilReady('at-home')
  t.strictSame(await until(() => linesOf(file)), ['red'])
})
