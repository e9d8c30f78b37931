import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { findInstance, listInstances } from '../../../kubelet/http/log-instances.ts'
import { readLog } from '../../../kubelet/http/log-stream.ts'
import { removeOldLogs } from '../../../kubelet/pod/run-logs.ts'
import type { ContainerState } from '../../../kubelet/runtime/runtime.ts'
import { openLog } from '../../../kubelet/runtime/supervisor/cri-log.ts'
import { runLogPath } from '../../../kubelet/runtime/supervisor/log-files.ts'
import { systemClock } from '../../../shared/clock.ts'
import { testDirectory } from '../../support/directory.ts'

const LIMITS = { bytesMax: 1024, filesMax: 3 }

t.test('the logs of earlier runs', async (t) => {
  const directory = join(testDirectory(t), 'logs', 'c')
  for (let attempt = 0; attempt < 12; attempt++) {
    const log = openLog(runLogPath(directory, attempt), { clock: systemClock, limits: LIMITS, onError: t.error })
    for (let line = 0; line < 30; line++) log.stream('stdout').write(Buffer.from(`run ${attempt} line ${line}\n`))
    log.close()
  }
  // The runtime knows the last run alone.
  const last = { id: 'x', podUid: 'pod', name: 'c', attempt: 11, state: 'exited', logPath: runLogPath(directory, 11) }
  const runtime = { list: async () => [last as ContainerState], subscribe: () => () => undefined }
  const container = { podUid: 'pod', name: 'c' }

  await removeOldLogs(directory, 5)
  const listed = await listInstances(runtime, container)
  t.strictSame(
    listed.map(({ instance }) => instance),
    [7, 8, 9, 10, 11],
  )
  for (const { bytes, firstLine, lastLine } of listed) t.ok(bytes > 1024 && firstLine! <= lastLine!)
  t.notOk(
    readdirSync(directory).some((name) => /^[0-6]\./.test(name)),
    'nothing is left of the others',
  )

  const options = { follow: true, previous: false, timestamps: false, tailLines: 1 }
  const read = async (instance: number) => {
    const source = await findInstance(runtime, container, instance)
    return source && text(readLog(source, options, new AbortController().signal))
  }
  t.equal(await read(8), 'run 8 line 29\n')
  t.equal(await read(11), 'run 11 line 29\n')
  t.equal(await read(6), undefined)
  t.strictSame(await listInstances(runtime, { podUid: 'pod', name: 'other' }), [])
})
