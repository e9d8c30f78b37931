import t from 'tap'
import { job as kind } from '../../../../shared/api/job/job.ts'
import { row, shown } from '../../../support/kind-objects.ts'
import { jobTemplate, newJob, sentJob, UID } from './job-objects.ts'

t.test('defaults', async (t) => {
  t.match(newJob().spec, {
    parallelism: 1,
    completions: 1,
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    suspend: false,
    manualSelector: false,
    podReplacementPolicy: 'TerminatingOrFailed',
  })
  t.same(newJob().status, {})
  t.equal(newJob({ parallelism: 3 }).spec.completions, undefined, 'a queue of work')
  t.equal(newJob({ completions: 3 }).spec.parallelism, 1)
  t.equal(newJob({ backoffLimitPerIndex: 1 }).spec.backoffLimit, 2147483647)
  const rule = { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }
  t.match(newJob({ podFailurePolicy: { rules: [rule] } }).spec, {
    podReplacementPolicy: 'Failed',
    podFailurePolicy: { rules: [{ onPodConditions: [{ status: 'True' }] }] },
  })
})

const OWN = {
  'controller-uid': UID,
  'job-name': 'batch',
  'batch.kubernetes.io/controller-uid': UID,
  'batch.kubernetes.io/job-name': 'batch',
}

t.test('selector and labels are made', async (t) => {
  const job = newJob({ template: jobTemplate({}, { labels: { app: 'x' } }) })
  t.same(job.spec.selector, { matchLabels: { 'batch.kubernetes.io/controller-uid': UID } })
  t.same(job.spec.template.metadata.labels, { app: 'x', ...OWN })
  t.same(job.metadata.labels, { app: 'x', ...OWN }, 'the job takes them over')
  t.same(newJob({}, { labels: { own: 'y' } }).metadata.labels, { own: 'y' }, 'unless it has some')
  t.same(kind.validate(job), [])
  const manual = { manualSelector: true, selector: { matchLabels: { app: 'x' } } }
  const own = newJob({ ...manual, template: jobTemplate({}, { labels: { app: 'x' } }) })
  t.same(own.spec.template.metadata.labels, { app: 'x' })
  t.same(own.metadata.labels, { app: 'x' })
  t.same(kind.validate(own), [])
})

t.test('selectors that are wrong', async (t) => {
  const errors = (spec: object) => shown(kind.validate(newJob(spec)))
  const labels = { 'job-name': 'other' }
  t.match(errors({ template: jobTemplate({}, { labels }) }), [
    /^spec\.template\.metadata\.labels\[job-name\]: Invalid value: map.*: must be 'batch'$/,
  ])
  t.match(errors({ selector: { matchLabels: { a: 'b' } } }), [
    /^spec\.selector: Invalid value: v1\.LabelSelector\{.*\}: `selector` not auto-generated$/,
    /^spec\.template\.metadata\.labels: Invalid value: .*: `selector` does not match template `labels`$/,
  ])
  t.match(errors({ manualSelector: true }), [
    /^spec\.selector: Required value$/,
    /^spec\.template\.metadata\.labels: Invalid value: map\[string\]string\(nil\): `selector` does not match/,
  ])
  t.match(shown(kind.validate(sentJob({ selector: {} }))), [
    "spec.template.metadata.labels[controller-uid]: Required value: must be '6b1f1f9e-0000-4000-8000-000000000000'",
    /job-name/,
    /controller-uid/,
    /job-name/,
  ])
})

t.test('names of indexed jobs leave room for the index', async (t) => {
  const name = 'x'.repeat(60)
  const errors = (completions: number) =>
    shown(kind.validate(newJob({ completionMode: 'Indexed', completions }, { name }))).filter((error) =>
      error.startsWith('metadata'),
    )
  t.same(errors(100), [])
  t.same(errors(101), [
    `metadata.name: Invalid value: "${name}": will not able to create pod with invalid DNS label: ${name}-100`,
  ])
})

t.test('columns and fields', async (t) => {
  const job = newJob({ completions: 5 })
  t.match(row(kind, job), {
    Status: 'Running',
    Completions: '0/5',
    Duration: '',
    Containers: 'main',
    Images: 'busybox',
  })
  const at = (seconds: number) => new Date(seconds * 1000).toISOString()
  job.status = { startTime: at(0), succeeded: 2 }
  t.match(row(kind, job, 65_000), { Completions: '2/5', Duration: '65s' })
  job.status = { ...job.status, completionTime: at(30), conditions: [{ type: 'Complete', status: 'True' }] }
  t.match(row(kind, job, 65_000), { Status: 'Complete', Duration: '30s' })
  t.equal(kind.selectableFields?.['status.successful']?.(job), '2')
  const completions = (spec: object) => row(kind, newJob(spec)).Completions
  t.equal(completions({ parallelism: 1 }), '0/1')
  t.equal(completions({ parallelism: 3 }), '0/1 of 3')
  for (const [conditions, wanted] of [
    [['FailureTarget'], 'FailureTarget'],
    [['FailureTarget', 'Failed'], 'Failed'],
    [['SuccessCriteriaMet'], 'SuccessCriteriaMet'],
    [['Suspended'], 'Suspended'],
  ] as const) {
    job.status = { conditions: conditions.map((type) => ({ type, status: 'True' })) }
    t.equal(row(kind, job).Status, wanted)
  }
  job.metadata.deletionTimestamp = at(0)
  t.equal(row(kind, job).Status, 'Terminating')
})
