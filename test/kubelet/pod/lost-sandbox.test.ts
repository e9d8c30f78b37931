/** A real pod whose sandbox is lost with all that ran in it, as when its node loses its power. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { testDirectory } from '../../support/directory.ts'
import { startTestNode, statusOf } from '../../support/test-node.ts'
import { until } from '../../support/until.ts'

t.test('its init containers run again before it does', async (t) => {
  const directory = testDirectory(t)
  const node = await startTestNode(directory)
  t.teardown(() => node.stop())
  const ledger = join(directory, 'ledger')
  const say = (word: string, then = 'true') => ['sh', '-c', `echo ${word} >> ${ledger}; ${then}`]
  const spec = {
    initContainers: ['one', 'two'].map((name) => ({ name, image: 'none', command: say(name) })),
    ...node.one({ command: say('main', 'sleep 1000000') }),
  }
  await node.create('rebuilt', spec)
  await node.create('over', {
    ...spec,
    ...node.one({ command: ['true'] }),
    restartPolicy: 'OnFailure',
    initContainers: [],
  })
  await node.untilReady('rebuilt')
  await node.until('over', ({ status }) => status.phase === 'Succeeded')
  const words = () => readFileSync(ledger, 'utf8').trim().split('\n')
  await until(() => words().includes('main'))
  t.strictSame(words(), ['one', 'two', 'main'])

  await node.kubelet.stop()
  await node.kubelet.start()
  const back = await node.until('rebuilt', (pod) => statusOf(pod)?.restartCount === 1 && statusOf(pod)?.state.running)
  await until(() => words().slice(3).includes('main'))
  t.strictSame(words().slice(3), ['one', 'two', 'main'])
  t.strictSame(
    back.status.initContainerStatuses?.map(({ restartCount, ready }) => [restartCount, ready]),
    [
      [1, true],
      [1, true],
    ],
  )
  await node.untilEvent('rebuilt', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.')
  t.match(await node.get('over'), { status: { phase: 'Succeeded', containerStatuses: [{ restartCount: 0 }] } })
})
