/** What may change about a job once it is there (upstream's `ValidateJobSpecUpdate`). */
import { type FieldError, invalid } from '../../field-errors.ts'
import { sameSpec } from '../pod/validation/same-spec.ts'
import type { PodTemplateSpec } from '../pod-template.ts'
import { validateSameSelector } from '../workload/selector.ts'
import type { Job } from './job.ts'

const isUnchanged = (path: string, value: unknown, old: unknown): FieldError[] =>
  sameSpec(value, old) ? [] : [invalid(path, value, 'field is immutable')]

/** An indexed job may grow and shrink, with as many pods at once as there are indexes. */
function validateCompletions({ spec }: Job, { spec: old }: Job): FieldError[] {
  const path = 'spec.completions'
  const { completions, parallelism } = spec
  if (spec.completionMode !== 'Indexed') return isUnchanged(path, completions, old.completions)
  if (completions === undefined || completions === old.completions || completions === parallelism) return []
  return [invalid(path, completions, 'can only be modified in tandem with spec.parallelism')]
}

/** The parts of a template that say on which nodes its pods may run. Node affinity may be all that there is of affinity. */
function withSchedulingOf(template: PodTemplateSpec, { metadata, spec }: PodTemplateSpec): PodTemplateSpec {
  const affinity = { ...template.spec.affinity, nodeAffinity: spec.affinity?.nodeAffinity }
  const hasAffinity = Object.values(affinity).some((part) => part !== undefined)
  return {
    metadata: { ...template.metadata, labels: metadata.labels, annotations: metadata.annotations },
    spec: {
      ...template.spec,
      affinity: hasAffinity ? affinity : undefined,
      nodeSelector: spec.nodeSelector,
      tolerations: spec.tolerations,
      schedulingGates: spec.schedulingGates,
    },
  } as PodTemplateSpec
}

/** The template stays, but a job that is suspended and has never run may still be told where to run. */
function validateTemplate({ spec: { template } }: Job, { spec: old, status }: Job): FieldError[] {
  const isMovable = old.suspend && status.startTime === undefined
  const allowed = isMovable ? withSchedulingOf(old.template, template) : old.template
  return isUnchanged('spec.template', template, allowed)
}

const FIXED = ['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'] as const

/** All errors of a change of a job's specification. */
export const validateJobUpdate = (job: Job, old: Job): FieldError[] => [
  ...validateCompletions(job, old),
  ...validateSameSelector(job.spec.selector, old.spec.selector),
  ...validateTemplate(job, old),
  ...FIXED.flatMap((name) => isUnchanged(`spec.${name}`, job.spec[name], old.spec[name])),
]
