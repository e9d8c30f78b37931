/** How workloads select their pods: by a label selector that, once stored, stays as it is. */
import { type FieldError, invalidShown, required } from '../../field-errors.ts'
import { formatSelector, matchesSelector, type Selector, selectorFromLabelSelector } from '../../labels.ts'
import type { LabelSelector, LabelSelectorRequirement } from '../meta.ts'
import { sameSpec } from '../pod/validation/same-spec.ts'
import { validateLabelSelector } from '../validate-label-selector.ts'

const quote = (text: string) => JSON.stringify(text)

/** A map of strings in Go's notation, in which upstream's messages print it. */
export function showLabels(labels: Readonly<Record<string, string>> | undefined): string {
  if (labels === undefined) return 'map[string]string(nil)'
  const names = Object.keys(labels).sort()
  return `map[string]string{${names.map((name) => `${quote(name)}:${quote(labels[name]!)}`).join(', ')}}`
}

function showRequirement({ key, operator, values }: LabelSelectorRequirement): string {
  const shown = values === undefined ? '[]string(nil)' : `[]string{${values.map(quote).join(', ')}}`
  return `v1.LabelSelectorRequirement{Key:${quote(key)}, Operator:${quote(operator)}, Values:${shown}}`
}

/** A label selector in Go's notation, in which upstream's messages print it. */
export function showLabelSelector(selector: LabelSelector | undefined): string {
  if (selector === undefined) return 'null'
  const { matchLabels, matchExpressions } = selector
  const type = '[]v1.LabelSelectorRequirement'
  const expressions =
    matchExpressions === undefined ? `${type}(nil)` : `${type}{${matchExpressions.map(showRequirement).join(', ')}}`
  return `v1.LabelSelector{MatchLabels:${showLabels(matchLabels)}, MatchExpressions:${expressions}}`
}

const isEmpty = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector) =>
  Object.keys(matchLabels).length + matchExpressions.length === 0

/** The selector, if it can be evaluated. An absent one selects nothing. */
export const usableSelector = (selector: LabelSelector | undefined): Selector | undefined =>
  validateLabelSelector(selector, '').length > 0 ? undefined : selectorFromLabelSelector(selector)

/** That a selector does not select everything. `noun`: what upstream says that it is invalid for. */
export const refuseEmptySelector = (selector: LabelSelector, path: string, noun: string): FieldError[] =>
  isEmpty(selector) ? [invalidShown(path, showLabelSelector(selector), `empty selector is invalid for ${noun}`)] : []

/** All errors of the selector of a ReplicaSet or Deployment, which must be there; upstream's texts speak of deployments in both. */
export function validateWorkloadSelector(selector: LabelSelector | undefined, path: string): FieldError[] {
  if (selector === undefined) return [required(path)]
  return [...validateLabelSelector(selector, path), ...refuseEmptySelector(selector, path, 'deployment')]
}

/** That the pods made from a template are found by the selector. */
export const validateTemplateLabels = (
  labels: Readonly<Record<string, string>> | undefined,
  selector: Selector,
  path: string,
): FieldError[] =>
  matchesSelector(selector, labels)
    ? []
    : [invalidShown(`${path}.metadata.labels`, showLabels(labels), '`selector` does not match template `labels`')]

/** That an update leaves the selector alone. */
export const validateSameSelector = (
  selector: LabelSelector | undefined,
  old: LabelSelector | undefined,
): FieldError[] =>
  sameSpec(selector, old) ? [] : [invalidShown('spec.selector', showLabelSelector(selector), 'field is immutable')]

/** A selector as lists of pods take it; empty for one that selects everything or nothing. */
export const selectorText = (selector: LabelSelector | undefined): string =>
  formatSelector(selectorFromLabelSelector(selector))
