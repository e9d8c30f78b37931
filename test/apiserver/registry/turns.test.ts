import t from 'tap'
import { createTurns } from '../../../apiserver/registry/turns.ts'

t.test('turns at one key follow each other, whatever becomes of them', async (t) => {
  const turns = createTurns()
  const log: string[] = []
  const gate = Promise.withResolvers<void>()
  const first = turns.take('a', async () => {
    log.push('first begins')
    await gate.promise
    log.push('first ends')
    throw new Error('first fails')
  })
  const second = turns.take('a', async () => log.push('second'))
  await turns.take('b', async () => log.push('another key'))
  t.strictSame(log, ['first begins', 'another key'])
  gate.resolve()
  await t.rejects(first, { message: 'first fails' })
  await second
  t.strictSame(log.slice(2), ['first ends', 'second'])
  t.equal(await turns.take('a', async () => 'free again'), 'free again')
})
