import t from 'tap'
import { compareObjectsOf } from '../../../apiserver/managed-fields/changed-fields.ts'
import type { FieldSet } from '../../../apiserver/managed-fields/field-set.ts'
import { type TrackedPart, trackedShape } from '../../../apiserver/managed-fields/tracked-part.ts'
import { kind, thing } from './objects.ts'

const spec = (fields: FieldSet): FieldSet => ({ 'f:spec': fields })

const cases: {
  title: string
  before: object
  after: object
  part?: TrackedPart
  changed?: FieldSet
  removed?: FieldSet
}[] = [
  { title: 'nothing', before: thing({ size: 1 }), after: thing({ size: 1 }) },
  {
    title: 'another value',
    before: thing({ size: 1 }),
    after: thing({ size: 2 }),
    changed: spec({ 'f:size': {} }),
  },
  {
    title: 'a new object has what is in it, but not what Go’s types hold by value',
    before: {},
    after: thing({ probe: { path: '/' }, tags: ['a'] }, { metadata: { labels: { a: 'b' } } }),
    changed: {
      'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } },
      'f:spec': { 'f:probe': { '.': {}, 'f:path': {} }, 'f:tags': { '.': {}, 'v:"a"': {} } },
    },
  },
  {
    title: 'a field set to null is gone',
    before: thing({ paused: true, size: 1 }),
    after: thing({ paused: null, size: 1 }),
    removed: spec({ 'f:paused': {} }),
  },
  {
    title: 'entries of a map',
    before: thing({ limits: { a: '1', b: '1', c: '1' } }),
    after: thing({ limits: { a: '1', b: '2', d: '1' } }),
    changed: spec({ 'f:limits': { 'f:b': {}, 'f:d': {} } }),
    removed: spec({ 'f:limits': { 'f:c': {} } }),
  },
  {
    title: 'an atomic map changes as a whole',
    before: thing({ selector: { a: '1', b: '1' } }),
    after: thing({ selector: { a: '1' } }),
    changed: spec({ 'f:selector': {} }),
  },
  {
    title: 'so does anything of which nothing is known',
    before: thing({ raw: { a: { b: 1 } } }),
    after: thing({ raw: { a: { b: 2 } } }),
    changed: spec({ 'f:raw': {} }),
  },
  {
    title: 'elements of a set',
    before: thing({ tags: ['a', 'b'] }),
    after: thing({ tags: ['c', 'b'] }),
    changed: spec({ 'f:tags': { 'v:"c"': {} } }),
    removed: spec({ 'f:tags': { 'v:"a"': {} } }),
  },
  {
    title: 'the order of elements is nobody’s',
    before: thing({ tags: ['a', 'b'], parts: [{ name: 'a' }, { name: 'b' }] }),
    after: thing({ tags: ['b', 'a'], parts: [{ name: 'b' }, { name: 'a' }] }),
  },
  {
    title: 'elements by their keys, of which defaults may be left out',
    before: thing({ parts: [{ name: 'a', image: 'x', ports: [{ port: 1, protocol: 'TCP' }] }, { name: 'b' }] }),
    after: thing({ parts: [{ name: 'a', image: 'y', ports: [{ port: 1 }, { port: 2 }] }] }),
    changed: spec({
      'f:parts': {
        'k:{"name":"a"}': { 'f:image': {}, 'f:ports': { 'k:{"port":2,"protocol":"TCP"}': { '.': {}, 'f:port': {} } } },
      },
    }),
    removed: spec({
      'f:parts': {
        'k:{"name":"a"}': { 'f:ports': { 'k:{"port":1,"protocol":"TCP"}': { 'f:protocol': {} } } },
        'k:{"name":"b"}': { '.': {}, 'f:name': {} },
      },
    }),
  },
  {
    title: 'an element that is there twice changes as a whole',
    before: thing({ parts: [{ name: 'a', image: 'x' }] }),
    after: thing({
      parts: [
        { name: 'a', image: 'x' },
        { name: 'a', image: 'y' },
      ],
    }),
    changed: spec({ 'f:parts': { 'k:{"name":"a"}': {} } }),
  },
  {
    title: 'an atomic list changes as a whole',
    before: thing({ parts: [{ name: 'a', args: ['x'] }] }),
    after: thing({ parts: [{ name: 'a', args: ['x', 'y'] }] }),
    changed: spec({ 'f:parts': { 'k:{"name":"a"}': { 'f:args': {} } } }),
  },
  {
    title: 'an object that becomes empty loses what was in it',
    before: thing({ probe: { path: '/' } }),
    after: thing({ probe: {} }),
    removed: spec({ 'f:probe': { 'f:path': {} } }),
  },
  {
    title: 'what identifies the object is nobody’s',
    before: {},
    after: thing(
      {},
      { metadata: { namespace: 'n', uid: 'u', generation: 3, resourceVersion: '4', finalizers: ['a'] } },
    ),
    changed: { 'f:metadata': { 'f:finalizers': { '.': {}, 'v:"a"': {} } } },
  },
  {
    title: 'a status that cannot be written',
    part: 'withoutStatus',
    before: thing({}),
    after: thing({}, { status: { size: 1 } }),
  },
  {
    title: 'a status, through its own subresource',
    part: 'status',
    before: thing({ size: 1 }),
    after: thing({ size: 2 }, { status: { conditions: [{ type: 'Ready', status: 'True' }] } }),
    changed: {
      'f:status': {
        'f:conditions': { '.': {}, 'k:{"type":"Ready"}': { '.': {}, 'f:status': {}, 'f:type': {} } },
      },
    },
  },
]

t.test('what changes between two states', async (t) => {
  for (const { title, before, after, part = 'whole', changed, removed } of cases)
    t.strictSame(compareObjectsOf(trackedShape(kind, part), before, after), { changed, removed }, title)
})
