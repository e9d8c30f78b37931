import t, { type Test } from 'tap'
import type { Lease } from '../../../shared/api/lease.ts'
import type { Client } from '../../../shared/client/client.ts'
import { events, leases } from '../../../shared/client/resources.ts'
import { startLeaderElection } from '../../../shared/controller/leader-election.ts'
import { unavailable } from '../../../shared/errors.ts'
import { createLogger } from '../../../shared/log.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { until } from '../../support/until.ts'

const logger = createLogger('test', 'error')
logger.level = 'silent'
const KEY = { name: 'kube-test', namespace: 'kube-system' }

/** A real API server, candidates with clocks of their own, and the means to cut one of them off. */
async function setUp(t: Test) {
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(() => server.close())
  const { client } = server
  function candidate(identity: string) {
    const clock = createFakeClock(Date.now())
    const state = { isLeading: false, isLost: false, isCutOff: false }
    const cut =
      <Args extends unknown[], Answer>(send: (...args: Args) => Promise<Answer>) =>
      async (...args: Args): Promise<Answer> => {
        if (state.isCutOff) throw unavailable('cut off')
        return send(...args)
      }
    const cuttable = { ...client, get: cut(client.get), update: cut(client.update), create: cut(client.create) }
    const election = startLeaderElection({
      client: cuttable as Client,
      clock,
      logger,
      component: 'test',
      identity,
      leaseName: KEY.name,
      namespace: KEY.namespace,
      leaseDurationMs: 15_000,
      renewDeadlineMs: 10_000,
      retryPeriodMs: 2_000,
      onLost() {
        state.isLost = true
      },
      onFailure(error) {
        throw error
      },
    })
    election.leading.then(() => {
      state.isLeading = true
    })
    t.teardown(() => election.release())
    return { ...election, clock, state }
  }
  const lease = () => client.get(leases, KEY)
  const renewedAfter = (before: Lease) =>
    until(async () => (await lease()).metadata.resourceVersion !== before.metadata.resourceVersion)
  return { client, candidate, lease, renewedAfter }
}

t.test('the first candidate leads, the second stands by, and follows when the first steps down', async (t) => {
  const { client, candidate, lease } = await setUp(t)
  const first = candidate('one')
  await first.leading
  t.match((await lease()).spec, { holderIdentity: 'one', leaseDurationSeconds: 15, leaseTransitions: 0 })
  const second = candidate('two')
  await second.standingBy
  await first.release()
  t.match((await lease()).spec, { holderIdentity: '', leaseDurationSeconds: 1 })
  await until(async () => {
    await second.clock.advance(5_000)
    return second.state.isLeading
  })
  t.match((await lease()).spec, { holderIdentity: 'two', leaseTransitions: 1 })
  const messages = await until(async () => {
    const { items } = await client.list(events, { namespace: 'kube-system' })
    const found = items.filter(({ reason }) => reason === 'LeaderElection').map(({ message }) => message)
    return found.length === 3 && found
  })
  t.strictSame(messages.toSorted(), ['one became leader', 'one stopped leading', 'two became leader'])
  t.equal(first.state.isLost, false, 'stepping down is not losing')
})

t.test('a leader that is cut off gives up, and then the other takes over', async (t) => {
  const { candidate, lease, renewedAfter } = await setUp(t)
  const first = candidate('one')
  await first.leading
  const before = await lease()
  await first.clock.advance(2_000)
  await renewedAfter(before)
  const second = candidate('two')
  await second.standingBy
  first.state.isCutOff = true
  await first.clock.advance(10_000)
  t.equal(first.state.isLost, true)
  await second.clock.advance(9_000)
  t.equal(second.state.isLeading, false, 'not before the lease is over')
  await until(async () => {
    await second.clock.advance(3_000)
    return second.state.isLeading
  })
  t.match((await lease()).spec, { holderIdentity: 'two', leaseTransitions: 1 })
})

t.test('a leader that finds the lease taken gives up at once', async (t) => {
  const { client, candidate, lease } = await setUp(t)
  const first = candidate('one')
  await first.leading
  await client.update(leases, { ...(await lease()), spec: { holderIdentity: 'intruder', leaseDurationSeconds: 15 } })
  await first.clock.advance(2_000)
  await until(() => first.state.isLost)
  t.match((await lease()).spec, { holderIdentity: 'intruder' })
})

t.test('of several candidates at once exactly one leads', async (t) => {
  const { candidate } = await setUp(t)
  const all = ['a', 'b', 'c', 'd'].map(candidate)
  const isSettled = () => all.filter(({ state }) => state.isLeading).length === 1
  await Promise.all(all.map(({ leading, standingBy }) => Promise.race([leading, standingBy])))
  t.ok(isSettled())
})
