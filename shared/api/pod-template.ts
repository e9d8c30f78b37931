import type { FieldError } from '../field-errors.ts'
import { TemplateMeta } from './meta.ts'
import { coreModel } from './pod/core-model.ts'
import { linkServiceAccount } from './pod/defaults.ts'
import { PodSpec } from './pod/pod-spec.ts'
import { validatePodAnnotations } from './pod/validation/annotations.ts'
import { validatePodSpec } from './pod/validation/pod-spec.ts'
import { volumeWarnings } from './pod/volume-warnings.ts'
import { field, object, type Static } from './schema.ts'
import { validateAnnotations, validateLabels } from './validate-meta.ts'

export const PodTemplateSpec = object(
  coreModel('PodTemplateSpec'),
  'What the pods of a workload are made from.',
  {
    metadata: field(TemplateMeta, 'Labels and annotations of the pods.', { default: {} }),
    spec: field(PodSpec, 'What the pods run.', { default: {} }),
  },
  { required: ['metadata', 'spec'] },
)
export type PodTemplateSpec = Static<typeof PodTemplateSpec>

/**
 * Completes a template beyond the defaults of its schema, in place. What only pods get (`enableServiceLinks`, ports of
 * the node, requests from limits) is left to them, so that a template does not change with the rules for pods.
 */
export const templateDefaults = ({ spec }: PodTemplateSpec): void => linkServiceAccount(spec)

/** What whoever creates a workload is told of the pods that it will make. */
export const templateWarnings = ({ spec }: PodTemplateSpec): string[] => volumeWarnings(spec)

/** All errors of a template (upstream's `ValidatePodTemplateSpec`). `path`: where it is, `spec.template`. */
export const validatePodTemplate = ({ metadata, spec }: PodTemplateSpec, path: string): FieldError[] => [
  ...validateLabels(metadata.labels, `${path}.labels`),
  ...validateAnnotations(metadata.annotations, `${path}.annotations`),
  ...validatePodAnnotations(metadata.annotations, `${path}.annotations`),
  ...validatePodSpec(spec, `${path}.spec`),
]
