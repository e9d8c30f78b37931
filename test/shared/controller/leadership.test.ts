import t from 'tap'
import type { Client } from '../../../shared/client/client.ts'
import { leadershipFlags, takePart } from '../../../shared/controller/leadership.ts'
import { parseFlags, UsageError } from '../../../shared/flags.ts'
import { createLogger } from '../../../shared/log.ts'

const flagsFrom = (...argv: string[]) => parseFlags(leadershipFlags('kube-test'), argv).flags

/** Nothing that these tests do reaches the server. */
const options = {
  client: {} as Client,
  logger: createLogger('test', 'error'),
  component: 'test',
  onEnd(error: unknown) {
    throw error
  },
}

t.test('flags have upstream’s defaults', async (t) => {
  t.strictSame(
    { ...flagsFrom() },
    {
      'leader-elect': true,
      'leader-elect-lease-duration': 15_000,
      'leader-elect-renew-deadline': 10_000,
      'leader-elect-retry-period': 2_000,
      'leader-elect-resource-name': 'kube-test',
      'leader-elect-resource-namespace': 'kube-system',
    },
  )
})

t.test('a process that is alone leads at once', async () => {
  const election = await takePart(flagsFrom('--leader-elect=false'), options)
  await election.leading
  await election.release()
})

t.test('durations with which two could lead at once are refused', async (t) => {
  const rows: [argv: string[], message: string][] = [
    [
      ['--leader-elect-renew-deadline=15s'],
      '--leader-elect-lease-duration must be greater than --leader-elect-renew-deadline',
    ],
    [
      ['--leader-elect-retry-period=9s'],
      '--leader-elect-renew-deadline must be greater than 1.2 times --leader-elect-retry-period',
    ],
  ]
  for (const [argv, message] of rows) await t.rejects(takePart(flagsFrom(...argv), options), new UsageError(message))
})
