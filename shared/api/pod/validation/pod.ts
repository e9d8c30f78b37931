import { type FieldError, forbidden } from '../../../field-errors.ts'
import type { Pod } from '../pod.ts'
import { validatePodAnnotations } from './annotations.ts'
import { validateImagePadding } from './containers.ts'
import { validatePodSpec } from './pod-spec.ts'
import { forEach } from './rules.ts'

/** A token needs a service account to be for. */
const validateTokens = ({ serviceAccountName, volumes }: Pod['spec']): FieldError[] =>
  serviceAccountName
    ? []
    : forEach(volumes, 'spec.volumes', ({ projected }, volume) =>
        forEach(projected?.sources, `${volume}.projected.sources`, ({ serviceAccountToken }, source) =>
          serviceAccountToken === undefined
            ? []
            : [forbidden(`${source}.serviceAccountToken`, 'must not be specified when serviceAccountName is not set')],
        ),
      )

/** All errors of a pod beside its metadata. */
export function validatePod({ metadata, spec }: Pod): FieldError[] {
  const isGated = (spec.schedulingGates ?? []).length > 0
  return [
    ...validatePodAnnotations(metadata.annotations, 'metadata.annotations'),
    ...validatePodSpec(spec, 'spec', { podName: metadata.name, isPod: true }),
    ...validateTokens(spec),
    ...forEach(spec.containers, 'spec.containers', validateImagePadding),
    ...forEach(spec.initContainers, 'spec.initContainers', validateImagePadding),
    ...(spec.nodeName && isGated
      ? [forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared')]
      : []),
  ]
}

/** Errors of a new pod that are none of an existing one. */
export const validateNewPod = ({ spec }: Pod): FieldError[] =>
  spec.ephemeralContainers?.length ? [forbidden('spec.ephemeralContainers', 'cannot be set on create')] : []
