/** Columns of `-o wide` that every workload has. */
import type { Column, KubeObject } from '../kind.ts'
import type { LabelSelector } from '../meta.ts'
import type { PodTemplateSpec } from '../pod-template.ts'
import { selectorText } from './selector.ts'

/** How the columns find the template of a workload. */
export type TemplateOf<Object extends KubeObject> = (object: Object) => PodTemplateSpec

const containersOf = ({ spec }: PodTemplateSpec) => spec.containers ?? []

/** Names and images of the containers. `priority` as in `Column`; by default they are shown with `-o wide`. */
export const containerColumns = <Object extends KubeObject>(
  templateOf: TemplateOf<Object>,
  priority: 0 | 1 = 1,
): Column<Object>[] => [
  {
    name: 'Containers',
    type: 'string',
    priority,
    description: 'Names of the containers.',
    cell: (object) =>
      containersOf(templateOf(object))
        .map(({ name }) => name)
        .join(','),
  },
  {
    name: 'Images',
    type: 'string',
    priority,
    description: 'Images of the containers.',
    cell: (object) =>
      containersOf(templateOf(object))
        .map(({ image }) => image ?? '')
        .join(','),
  },
]

/** The selector as `show` writes it. */
export const selectorColumn = <Object extends KubeObject>(show: (object: Object) => string): Column<Object> => ({
  name: 'Selector',
  type: 'string',
  priority: 1,
  description: 'Labels of the pods that belong to it.',
  cell: show,
})

/** A label selector in a cell: `<none>` for an empty one. */
export const shownSelector = (selector: LabelSelector | undefined): string => selectorText(selector) || '<none>'

interface Workload extends KubeObject {
  spec: { selector?: LabelSelector; template: PodTemplateSpec }
}

/** Containers, images and selector of a workload that has its template and label selector in `spec`. */
export const workloadColumns = <Object extends Workload>(): Column<Object>[] => [
  ...containerColumns<Object>(({ spec }) => spec.template),
  selectorColumn<Object>(({ spec }) => shownSelector(spec.selector)),
]
