import { nameColumn } from '../../shared/api/columns.ts'
import type { Kind } from '../../shared/api/kind.ts'
import { typeMeta } from '../../shared/api/meta.ts'
import { field, int32, object, type Static, text } from '../../shared/api/schema.ts'
import { invalid } from '../../shared/field-errors.ts'

const WidgetSpec = object('com.example.v1.WidgetSpec', 'What a widget is like.', {
  size: int32('How large the widget is.', { default: 1 }),
  colour: text('Its colour.'),
})

const schema = object(
  'com.example.v1.Widget',
  'Something that this server has not known when it was built.',
  { ...typeMeta, spec: field(WidgetSpec, 'What the widget is like.', { default: {} }) },
  { required: ['apiVersion', 'kind', 'metadata', 'spec'] },
)
export type Widget = Static<typeof schema>

/** A kind of no use, for tests that bring one along. */
export const widget: Kind<Widget> = {
  group: 'example.com',
  version: 'v1',
  kind: 'Widget',
  plural: 'widgets',
  singular: 'widget',
  shortNames: ['wd'],
  categories: ['all'],
  namespaced: true,
  schema,
  hasStatus: false,
  hasGeneration: true,
  validate: ({ spec: { size = 0 } }) => (size < 0 ? [invalid('spec.size', size, 'must not be negative')] : []),
  columns: [
    nameColumn,
    { name: 'Size', type: 'integer', description: 'How large.', cell: ({ spec }) => spec.size ?? 0 },
  ],
}
