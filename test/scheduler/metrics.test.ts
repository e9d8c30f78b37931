import t from 'tap'
import { setUp } from './world.ts'

t.test('what came of each try, and what waits, is counted', async (t) => {
  const { schedule, addNode, addPod, bound, eventOf } = await setUp(t)
  const { metrics } = schedule()
  await addNode('node-1')
  await addPod('fits')
  await bound('fits')
  await eventOf('fits', 'Scheduled')
  await addPod('big', { cpu: '64' })
  await eventOf('big', 'FailedScheduling')
  const valuesOf = (name: string) => metrics.find((metric) => metric.name === name)?.values()
  t.strictSame(valuesOf('scheduler_schedule_attempts_total'), [
    { labels: { profile: 'default-scheduler', result: 'scheduled' }, value: 1 },
    { labels: { profile: 'default-scheduler', result: 'unschedulable' }, value: 1 },
  ])
  t.strictSame(valuesOf('scheduler_pending_pods'), [
    { labels: { queue: 'active' }, value: 0 },
    { labels: { queue: 'backoff' }, value: 0 },
    { labels: { queue: 'unschedulable' }, value: 1 },
  ])
  const count = valuesOf('scheduler_scheduling_algorithm_duration_seconds')?.find(({ metricName }) =>
    metricName?.endsWith('_count'),
  )
  t.equal(count?.value, 2)
})
