import t from 'tap'
import { coalesced } from '../../../kubelet/pod/coalesced.ts'
import { settle } from '../../support/fake-clock.ts'

/** Calls that end when they are told to. */
function calls() {
  const open: { resolve(value: number): void; reject(error: Error): void }[] = []
  const call = () => {
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    open.push({ resolve, reject })
    return promise
  }
  return { open, call }
}

t.test('who asks while a call is under way shares the next one', async (t) => {
  const { open, call } = calls()
  const shared = coalesced(call)
  const first = shared()
  const others = [shared(), shared()]
  t.equal(open.length, 1)
  open[0]!.resolve(1)
  t.equal(await first, 1)
  await settle()
  t.equal(open.length, 2)
  open[1]!.resolve(2)
  t.strictSame(await Promise.all(others), [2, 2])
})

t.test('a failure is told to those who shared it, and to nobody else', async (t) => {
  const { open, call } = calls()
  const shared = coalesced(call)
  const [first, second] = [shared(), shared()]
  open[0]!.reject(new Error('broken'))
  await t.rejects(first, new Error('broken'))
  await settle()
  open[1]!.resolve(2)
  t.equal(await second, 2)
})
