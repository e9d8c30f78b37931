import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openAuditLog } from '../../../apiserver/audit/audit-log.ts'
import { createLogger } from '../../../shared/log.ts'
import { testDirectory } from '../../support/directory.ts'
import { createFakeClock } from '../../support/fake-clock.ts'

const log = createLogger('test', 'error')

t.test('lines are written in order, and go on where the file ended', async (t) => {
  const path = join(testDirectory(t, { 'audit.log': 'before\n' }), 'audit.log')
  const audit = await openAuditLog({ path, bytesMax: 0, backupsMax: 0, clock: createFakeClock(), log })
  audit.write('one\n')
  audit.write('two\n')
  t.equal(readFileSync(path, 'utf8'), 'before\n', 'not each by itself')
  await audit.close()
  t.equal(readFileSync(path, 'utf8'), 'before\none\ntwo\n')
})

t.test('a file that grows too large is put aside, and only so many are kept', async (t) => {
  const directory = testDirectory(t, { 'audit-notes.log': 'not ours' })
  const path = join(directory, 'audit.log')
  for (let round = 1; round <= 4; round++) {
    const clock = createFakeClock(Date.parse(`2026-01-0${round}T00:00:00Z`))
    const audit = await openAuditLog({ path, bytesMax: 10, backupsMax: 2, clock, log })
    audit.write(`round ${round}\n`)
    await audit.close()
  }
  t.strictSame(readdirSync(directory).sort(), [
    'audit-2026-01-03T00-00-00.000.log',
    'audit-2026-01-04T00-00-00.000.log',
    'audit-notes.log',
    'audit.log',
  ])
  t.equal(readFileSync(path, 'utf8'), 'round 4\n')
})

t.test('lines that the disk does not keep up with are lost, and counted', async (t) => {
  const path = join(testDirectory(t), 'audit.log')
  const told: unknown[] = []
  const counting = Object.assign(Object.create(log), { error: (fields: unknown) => told.push(fields) })
  const audit = await openAuditLog({ path, bytesMax: 0, backupsMax: 0, clock: createFakeClock(), log: counting })
  for (let count = 0; count < 10; count++) audit.write(`${'x'.repeat(1024 * 1024)}\n`)
  await audit.close()
  t.equal(readFileSync(path, 'utf8').split('\n').length - 1, 7)
  t.strictSame(told, [{ lost: 3 }])
})

t.test('a file that cannot be written', async (t) => {
  const path = join(testDirectory(t), 'no', 'audit.log')
  await t.rejects(openAuditLog({ path, bytesMax: 0, backupsMax: 0, clock: createFakeClock(), log }), { code: 'ENOENT' })
})
