/** How a Job finds its own pods and no others: by labels with its UID, which the server puts into its template. */
import { type FieldError, invalidShown, required } from '../../field-errors.ts'
import { matchesSelector } from '../../labels.ts'
import { showLabelSelector, showLabels, usableSelector } from '../workload/selector.ts'
import type { Job } from './job.ts'
import {
  CONTROLLER_UID_LABEL,
  JOB_NAME_LABEL,
  LEGACY_CONTROLLER_UID_LABEL,
  LEGACY_JOB_NAME_LABEL,
} from './job-labels.ts'

const ownLabels = ({ metadata: { name, uid } }: Job): Record<string, string> => ({
  [LEGACY_CONTROLLER_UID_LABEL]: uid,
  [LEGACY_JOB_NAME_LABEL]: name,
  [CONTROLLER_UID_LABEL]: uid,
  [JOB_NAME_LABEL]: name,
})

/** Puts selector and labels into a new job, unless it brings its own. Labels that are there stay, for validation to judge. */
export function generateSelector(job: Job): void {
  if (job.spec.manualSelector) return
  const { template } = job.spec
  // A job that has taken its labels from the template gets the new ones too.
  const sharesLabels =
    Object.keys(job.metadata.labels ?? {}).length === 0 || job.metadata.labels === template.metadata.labels
  template.metadata.labels = { ...ownLabels(job), ...template.metadata.labels }
  if (sharesLabels) job.metadata.labels = { ...template.metadata.labels }
  const { matchLabels } = job.spec.selector ?? {}
  job.spec.selector = {
    ...job.spec.selector,
    matchLabels: { [CONTROLLER_UID_LABEL]: job.metadata.uid, ...matchLabels },
  }
}

/** That selector and labels are those that the server makes. */
export function validateGeneratedSelector(job: Job): FieldError[] {
  const { manualSelector, selector, template } = job.spec
  if (manualSelector || selector === undefined) return []
  const { labels } = template.metadata
  const wanted = ownLabels(job)
  const errors = Object.entries(wanted).flatMap(([name, value]): FieldError[] => {
    const field = `spec.template.metadata.labels[${name}]`
    const detail = `must be '${value}'`
    if (labels === undefined || !Object.hasOwn(labels, name)) return [required(field, detail)]
    return labels[name] === value ? [] : [invalidShown(field, showLabels(labels), detail)]
  })
  const usable = usableSelector(selector)
  if (usable !== undefined && !matchesSelector(usable, wanted))
    errors.push(invalidShown('spec.selector', showLabelSelector(selector), '`selector` not auto-generated'))
  return errors
}
