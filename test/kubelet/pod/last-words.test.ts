/** What real containers leave to say is in their status. */
import t from 'tap'
import { testDirectory } from '../../support/directory.ts'
import { startTestNode, statusOf } from '../../support/test-node.ts'

const node = await startTestNode(testDirectory(t))
t.teardown(() => node.stop())
t.jobs = 4

const sh = (script: string) => ['sh', '-c', script]
const ended = (name: string) => node.until(name, (pod) => ['Succeeded', 'Failed'].includes(pod.status.phase ?? ''))

t.test('a termination log', async (t) => {
  await node.create('says', {
    ...node.one({ command: sh('echo -n DONE > /dev/termination-log; exit 3') }),
    restartPolicy: 'Never',
  })
  t.match(statusOf(await ended('says'))?.state, { terminated: { exitCode: 3, reason: 'Error', message: 'DONE' } })
})

t.test('a path of one’s own, of which the environment tells', async (t) => {
  await node.create('says-elsewhere', {
    ...node.one({
      command: sh(
        'test -n "$KUBEPROC_TERMINATION_LOG" || KUBEPROC_TERMINATION_LOG=/tmp/why; echo out of cheese > $KUBEPROC_TERMINATION_LOG',
      ),
      terminationMessagePath: '/tmp/why',
    }),
    restartPolicy: 'Never',
  })
  t.match(statusOf(await ended('says-elsewhere'))?.state, { terminated: { message: 'out of cheese\n' } })
})

t.test('the end of the log', async (t) => {
  await node.create('prints', {
    ...node.one({ command: sh('echo one; echo two >&2; exit 1'), terminationMessagePolicy: 'FallbackToLogsOnError' }),
    restartPolicy: 'Never',
  })
  t.match(statusOf(await ended('prints'))?.state.terminated?.message, /^(one\ntwo|two\none)\n$/)
})

t.test('all messages of a pod take 12 KiB at most', async (t) => {
  const says = (name: string) => ({
    ...{ name, image: 'none' },
    command: ['node', '-e', `require('fs').writeFileSync('/dev/termination-log', 'x'.repeat(5000))`],
  })
  await node.create('says-much', {
    containers: ['a', 'b', 'c', 'd'].map(says),
    restartPolicy: 'Never',
  })
  const pod = await ended('says-much')
  t.strictSame(
    pod.status.containerStatuses?.map(({ state }) => state.terminated?.message?.length),
    [3072, 3072, 3072, 3072],
  )
})
