/** A kind with every sort of field, for the tests of who owns what. */
import type { KubeObject } from '../../../shared/api/kind.ts'
import { typeMeta } from '../../../shared/api/meta.ts'
import { anyObject, boolean, field, int32, list, map, object, text } from '../../../shared/api/schema.ts'

const Port = object('test.v1.Port', 'A port.', {
  port: int32('Its number.'),
  protocol: text('How it speaks.', { default: 'TCP' }),
  name: text('Its name.'),
})

const Part = object('test.v1.Part', 'A part.', {
  name: text('Its name.'),
  image: text('What it is made from.'),
  ports: list(Port, 'Its ports.', { type: 'map', keys: ['port', 'protocol'] }),
  args: list(text('An argument.'), 'Its arguments.'),
})

const Probe = object('test.v1.Probe', 'A probe.', {
  path: text('Where.'),
  period: int32('How often.', { default: 10 }),
})

const Spec = object('test.v1.Spec', 'What there should be.', {
  size: int32('How many.', { default: 1 }),
  paused: boolean('Whether nothing happens.'),
  selector: map(text('A value.'), 'Which.', { mapType: 'atomic' }),
  limits: map(text('A value.'), 'How much.'),
  parts: list(Part, 'Parts.', { type: 'map', keys: ['name'] }),
  tags: list(text('A tag.'), 'Tags.', { type: 'set' }),
  probe: field(Probe, 'A probe.'),
  raw: anyObject('Anything.'),
})

const Status = object('test.v1.Status', 'What there is.', {
  size: int32('How many.'),
  conditions: list(
    object('test.v1.Condition', 'An aspect.', { type: text('Which.'), status: text('How.') }),
    'Aspects.',
    {
      type: 'map',
      keys: ['type'],
    },
  ),
})

export const kind = {
  group: 'test',
  version: 'v1',
  kind: 'Thing',
  schema: object('test.v1.Thing', 'A thing.', {
    ...typeMeta,
    spec: field(Spec, 'What there should be.'),
    status: field(Status, 'What there is.'),
  }),
}

export const thing = (spec: object, more: { metadata?: object; status?: object } = {}): KubeObject =>
  ({
    apiVersion: 'test/v1',
    kind: 'Thing',
    spec,
    ...more,
    metadata: { name: 'x', ...more.metadata },
  }) as unknown as KubeObject
