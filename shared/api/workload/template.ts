/** What the pod templates of ReplicationControllers, ReplicaSets, Deployments, DaemonSets and StatefulSets have in common. */
import { type FieldError, forbidden, invalidShown, notSupported } from '../../field-errors.ts'
import type { Selector } from '../../labels.ts'
import type { LabelSelector } from '../meta.ts'
import { type PodTemplateSpec, validatePodTemplate } from '../pod-template.ts'
import { showLabelSelector, usableSelector, validateTemplateLabels } from './selector.ts'

/** Pods that are replaced for ever must not end by themselves. `kind`: the word in upstream's message. */
export function validateEndlessPods({ spec }: PodTemplateSpec, path: string, kind: string): FieldError[] {
  const errors: FieldError[] = []
  const { restartPolicy, activeDeadlineSeconds } = spec
  if (restartPolicy !== 'Always') errors.push(notSupported(`${path}.spec.restartPolicy`, restartPolicy, ['Always']))
  if (activeDeadlineSeconds !== undefined) {
    const detail = `activeDeadlineSeconds in ${kind} is not Supported`
    errors.push(forbidden(`${path}.spec.activeDeadlineSeconds`, detail))
  }
  return errors
}

/** All errors of a template whose pods are replaced for ever, and are found by `selector`. An empty selector is judged elsewhere. */
export const validateEndlessTemplate = (
  template: PodTemplateSpec,
  path: string,
  { selector, kind }: { selector: Selector; kind: string },
): FieldError[] => [
  ...validateTemplateLabels(template.metadata.labels, selector, path),
  ...validatePodTemplate(template, path),
  ...validateEndlessPods(template, path, kind),
]

/** The template of a ReplicaSet, Deployment or StatefulSet; with a selector that cannot be evaluated it is not judged at all. */
export function validateSelectedTemplate(
  { selector, template }: { selector?: LabelSelector; template: PodTemplateSpec },
  kind: string,
): FieldError[] {
  const usable = usableSelector(selector)
  if (usable === undefined)
    return [invalidShown('spec.selector', showLabelSelector(selector), 'invalid label selector')]
  return validateEndlessTemplate(template, 'spec.template', { selector: usable, kind })
}
