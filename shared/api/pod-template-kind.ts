import { formatSelector, selectorFromMap } from '../labels.ts'
import { nameColumn } from './columns.ts'
import type { Kind } from './kind.ts'
import { typeMeta } from './meta.ts'
import { coreModel } from './pod/core-model.ts'
import { PodTemplateSpec, templateDefaults, validatePodTemplate } from './pod-template.ts'
import { field, object, type Static } from './schema.ts'

const schema = object(
  coreModel('PodTemplate'),
  'A pod template as an object of its own, for controllers that keep templates apart.',
  { ...typeMeta, template: field(PodTemplateSpec, 'What pods are made from.', { default: {} }) },
  { required: ['apiVersion', 'kind', 'metadata', 'template'] },
)
export type PodTemplate = Static<typeof schema>

export const podTemplate: Kind<PodTemplate> = {
  group: '',
  version: 'v1',
  kind: 'PodTemplate',
  plural: 'podtemplates',
  singular: 'podtemplate',
  namespaced: true,
  schema,
  hasStatus: false,
  hasGeneration: true,
  returnsDeleted: true,
  defaults: ({ template }) => templateDefaults(template),
  validate: ({ template }) => validatePodTemplate(template, 'template'),
  columns: [
    nameColumn,
    {
      name: 'Containers',
      type: 'string',
      description: 'Names of the containers.',
      cell: ({ template }) => template.spec.containers.map(({ name }) => name).join(','),
    },
    {
      name: 'Images',
      type: 'string',
      description: 'Images of the containers.',
      cell: ({ template }) => template.spec.containers.map(({ image }) => image).join(','),
    },
    {
      name: 'Pod Labels',
      type: 'string',
      description: 'Labels of the pods.',
      cell: ({ template }) => formatSelector(selectorFromMap(template.metadata.labels)) || '<none>',
    },
  ],
}
