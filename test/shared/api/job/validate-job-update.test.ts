import t from 'tap'
import type { Job } from '../../../../shared/api/job/job.ts'
import { validateJobUpdate } from '../../../../shared/api/job/validate-job-update.ts'
import { jobTemplate, newJob } from './job-objects.ts'

const fieldsOf = (spec: object, old: Job) => validateJobUpdate(newJob(spec), old).map(({ field }) => field)

t.test('what stays', async (t) => {
  const old = newJob()
  t.same(
    fieldsOf({ parallelism: 5, completions: 1, backoffLimit: 2, suspend: true, ttlSecondsAfterFinished: 5 }, old),
    [],
  )
  t.same(fieldsOf({ completions: 2 }, old), ['spec.completions'])
  t.same(fieldsOf({ template: jobTemplate({ nodeSelector: { a: 'b' } }) }, old), ['spec.template'])
  t.same(fieldsOf({ managedBy: 'example.com/x' }, old), ['spec.managedBy'])
  t.same(fieldsOf({ podFailurePolicy: { rules: [] } }, old), ['spec.podFailurePolicy'])
  t.same(fieldsOf({ completionMode: 'Indexed', completions: 1, successPolicy: { rules: [] } }, old), [
    'spec.completionMode',
    'spec.successPolicy',
  ])
  t.same(fieldsOf({ manualSelector: true, selector: { matchLabels: { a: 'b' } }, template: old.spec.template }, old), [
    'spec.selector',
  ])
})

t.test('an indexed job may grow and shrink', async (t) => {
  const old = newJob({ completionMode: 'Indexed', completions: 3, parallelism: 3 })
  t.same(fieldsOf({ completionMode: 'Indexed', completions: 5, parallelism: 5 }, old), [])
  t.match(validateJobUpdate(newJob({ completionMode: 'Indexed', completions: 5, parallelism: 3 }), old), [
    { message: 'Invalid value: 5: can only be modified in tandem with spec.parallelism' },
  ])
})

t.test('a suspended job that has never run may be told where to run', async (t) => {
  const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } }
  const elsewhere = {
    suspend: true,
    template: jobTemplate(
      {
        nodeSelector: { a: 'b' },
        tolerations: [{ key: 'a', operator: 'Exists' }],
        schedulingGates: [{ name: 'example.com/x' }],
        affinity: { nodeAffinity },
      },
      { labels: { more: 'x' }, annotations: { a: 'b' } },
    ),
  }
  const suspended = newJob({ suspend: true })
  t.same(fieldsOf(elsewhere, suspended), [])
  const back = newJob(elsewhere)
  t.same(fieldsOf({ suspend: true }, back), [], 'and back')
  const image = jobTemplate({ containers: [{ name: 'main', image: 'other' }] })
  t.same(fieldsOf({ suspend: true, template: image }, suspended), ['spec.template'])
  const podAffinity = jobTemplate({ affinity: { podAffinity: {} } })
  t.same(fieldsOf({ suspend: true, template: podAffinity }, suspended), ['spec.template'])
  suspended.status = { startTime: '2026-01-01T00:00:00Z' }
  t.same(fieldsOf(elsewhere, suspended), ['spec.template'])
})
