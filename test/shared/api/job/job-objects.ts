import type { Job } from '../../../../shared/api/job/job.ts'
import { job as kind } from '../../../../shared/api/job/job.ts'
import { created, decoded } from '../../../support/kind-objects.ts'

export const UID = '6b1f1f9e-0000-4000-8000-000000000000'

export const jobTemplate = (spec: object = {}, metadata: object = {}) => ({
  metadata,
  spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }], ...spec },
})

const draft = (spec: object, metadata: object) => ({
  metadata: { name: 'batch', uid: UID, ...metadata },
  spec: { template: jobTemplate(), ...spec },
})

/** A new job, of which `spec` and `metadata` are given. */
export const newJob = (spec: object = {}, metadata: object = {}): Job => created(kind, draft(spec, metadata))

/** A job as a client sends it. */
export const sentJob = (spec: object = {}, metadata: object = {}): Job => decoded(kind, draft(spec, metadata))
