/** Validation of what a job is to do, by itself or as the template of a CronJob (upstream's `validateJobSpec`). */
import { type FieldError, invalid, notSupported, required, tooLong } from '../../field-errors.ts'
import { isNotNegative, isOneOf } from '../pod/validation/rules.ts'
import { validatePodTemplate } from '../pod-template.ts'
import { validateDomainPrefixedPath } from '../validate-domain-path.ts'
import type { JobTemplateJobSpec } from './job-spec.ts'
import { validatePodFailurePolicy, validateSuccessPolicy } from './validate-policies.ts'

/** Keeps the texts that list indexes, and with them the object, at a size that can be stored. */
const INDEXED_MAX = 100_000
/** With more completions than `INDEXED_MAX` and a limit for each index, parallelism and failures are held lower. */
const MANY_COMPLETIONS_MAX = 10_000
const MANAGED_BY_BYTES_MAX = 63

const COUNTS = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
] as const

const exceeds = (path: string, value: number | undefined, max: number, rest = ''): FieldError[] =>
  value !== undefined && value > max ? [invalid(path, value, `must be less than or equal to ${max}${rest}`)] : []

function validateIndexed(spec: JobTemplateJobSpec, path: string): FieldError[] {
  const { completions, parallelism, maxFailedIndexes, backoffLimitPerIndex } = spec
  const parallelismPath = `${path}.parallelism`
  const failedPath = `${path}.maxFailedIndexes`
  const errors: FieldError[] = []
  if (completions === undefined) errors.push(required(`${path}.completions`, 'when completion mode is Indexed'))
  errors.push(...exceeds(parallelismPath, parallelism, INDEXED_MAX, ' when completion mode is Indexed'))
  if (completions !== undefined && maxFailedIndexes !== undefined && maxFailedIndexes > completions)
    errors.push(invalid(failedPath, maxFailedIndexes, 'must be less than or equal to completions'))
  errors.push(...exceeds(failedPath, maxFailedIndexes, INDEXED_MAX))
  if (completions === undefined || completions <= INDEXED_MAX || backoffLimitPerIndex === undefined) return errors
  const when = ` when completions are above ${INDEXED_MAX} and used with backoff limit per index`
  if (maxFailedIndexes === undefined)
    errors.push(required(failedPath, `must be specified when completions is above ${INDEXED_MAX}`))
  return [
    ...errors,
    ...exceeds(parallelismPath, parallelism, MANY_COMPLETIONS_MAX, when),
    ...exceeds(failedPath, maxFailedIndexes, MANY_COMPLETIONS_MAX, when),
  ]
}

function validateCompletionMode(spec: JobTemplateJobSpec, path: string): FieldError[] {
  const { completionMode = 'NonIndexed' } = spec
  if (completionMode === 'Indexed') return validateIndexed(spec, path)
  if (completionMode !== 'NonIndexed')
    return [notSupported(`${path}.completionMode`, completionMode, ['NonIndexed', 'Indexed'])]
  return (['backoffLimitPerIndex', 'maxFailedIndexes'] as const).flatMap((name) =>
    spec[name] === undefined ? [] : [invalid(`${path}.${name}`, spec[name], 'requires indexed completion mode')],
  )
}

function validateManagedBy(managedBy: string | undefined, path: string): FieldError[] {
  if (managedBy === undefined) return []
  const errors = validateDomainPrefixedPath(managedBy, path)
  return Buffer.byteLength(managedBy) > MANAGED_BY_BYTES_MAX ? [...errors, tooLong(path, MANAGED_BY_BYTES_MAX)] : errors
}

function validateReplacement(
  { podReplacementPolicy, podFailurePolicy }: JobTemplateJobSpec,
  path: string,
): FieldError[] {
  const supported = podFailurePolicy === undefined ? ['Failed', 'TerminatingOrFailed'] : ['Failed']
  return isOneOf(path, podReplacementPolicy, supported)
}

function validateRestartPolicy({ template, podFailurePolicy }: JobTemplateJobSpec, path: string): FieldError[] {
  const { restartPolicy = 'Always' } = template.spec
  const field = `${path}.template.spec.restartPolicy`
  if (restartPolicy === 'Always') return [required(field, 'valid values: "OnFailure", "Never"')]
  if (restartPolicy !== 'OnFailure' && restartPolicy !== 'Never')
    return [notSupported(field, restartPolicy, ['OnFailure', 'Never'])]
  if (podFailurePolicy !== undefined && restartPolicy !== 'Never')
    return [invalid(field, restartPolicy, 'only "Never" is supported when podFailurePolicy is specified')]
  return []
}

/** All errors of a job's specification but for those of its selector. `path`: where it is, `spec`. */
export function validateJobSpec(spec: JobTemplateJobSpec, path: string): FieldError[] {
  const errors = COUNTS.flatMap((name) => isNotNegative(`${path}.${name}`, spec[name]))
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined)
    errors.push(required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'))
  return [
    ...errors,
    ...validateManagedBy(spec.managedBy, `${path}.managedBy`),
    ...validateCompletionMode(spec, path),
    ...validatePodFailurePolicy(spec, `${path}.podFailurePolicy`),
    ...validateSuccessPolicy(spec, `${path}.successPolicy`),
    ...validateReplacement(spec, `${path}.podReplacementPolicy`),
    ...validatePodTemplate(spec.template, `${path}.template`),
    ...validateRestartPolicy(spec, path),
  ]
}
