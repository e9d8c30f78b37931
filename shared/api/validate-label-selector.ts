import { at, type FieldError, forbidden, invalid, required } from '../field-errors.ts'
import type { LabelSelector, LabelSelectorRequirement } from './meta.ts'
import { validateLabelValue, validateQualifiedName } from './names.ts'
import { validateLabels } from './validate-meta.ts'

/** Errors of a label key, wherever one is named. */
export const validateLabelKey = (key: string | undefined, field: string): FieldError[] =>
  validateQualifiedName(key ?? '').map((detail) => invalid(field, key ?? '', detail))

function validateValues({ operator, values = [] }: LabelSelectorRequirement, field: string): FieldError[] {
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length > 0
        ? []
        : [required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'")]
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0
        ? []
        : [forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
    default:
      return [invalid(`${field}.operator`, operator ?? '', 'not a valid selector operator')]
  }
}

function validateRequirement(requirement: LabelSelectorRequirement, field: string): FieldError[] {
  const values = requirement.values ?? []
  return [
    ...validateValues(requirement, field),
    ...validateLabelKey(requirement.key, `${field}.key`),
    ...values.flatMap((value, index) =>
      validateLabelValue(value).map((detail) => invalid(at(`${field}.values`, index), value, detail)),
    ),
  ]
}

/** All errors of a label selector; an absent one has none. */
export function validateLabelSelector(selector: LabelSelector | undefined, field: string): FieldError[] {
  const expressions = selector?.matchExpressions ?? []
  return [
    ...validateLabels(selector?.matchLabels, `${field}.matchLabels`),
    ...expressions.flatMap((each, index) => validateRequirement(each, at(`${field}.matchExpressions`, index))),
  ]
}
