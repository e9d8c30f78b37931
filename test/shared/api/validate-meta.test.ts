import t from 'tap'
import type { TemplateMeta } from '../../../shared/api/meta.ts'
import { dnsLabelName } from '../../../shared/api/names.ts'
import { MAX_ANNOTATION_BYTES, validateMeta, validateMetaUpdate } from '../../../shared/api/validate-meta.ts'
import { shown } from '../../support/kind-objects.ts'

const NAMESPACED = { namespaced: true }
const GOOD: TemplateMeta = { name: 'a', namespace: 'default' }
const owner = { apiVersion: 'v1', kind: 'ReplicationController', name: 'rc', uid: '1' }

t.test('new metadata', async (t) => {
  const rows: [title: string, meta: TemplateMeta, wanted: (string | RegExp)[]][] = [
    ['the least', GOOD, []],
    [
      'everything',
      {
        ...GOOD,
        generateName: 'a-',
        labels: { app: 'kubia', 'example.com/tier': '' },
        annotations: { 'Example.COM/Note': 'any text \n at all' },
        ownerReferences: [{ ...owner, controller: true }, owner],
        finalizers: ['example.com/wait', 'orphan'],
      },
      [],
    ],
    ['no name', { namespace: 'default' }, ['metadata.name: Required value: name or generateName is required']],
    ['bad name', { ...GOOD, name: 'Bad_Name' }, [/^metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123/]],
    ['bad prefix', { ...GOOD, generateName: 'A-' }, [/^metadata.generateName: Invalid value: "A-": a lowercase/]],
    ['no namespace', { name: 'a' }, ['metadata.namespace: Required value']],
    [
      'bad namespace',
      { name: 'a', namespace: 'a.b' },
      ['metadata.namespace: Invalid value: "a.b": must not contain dots'],
    ],
    [
      'bad label key',
      { ...GOOD, labels: { '-a': '' } },
      [/^metadata.labels: Invalid value: "-a": name part must consist/],
    ],
    [
      'bad label value',
      { ...GOOD, labels: { a: 'not ok!' } },
      [/^metadata.labels: Invalid value: "not ok!": a valid label/],
    ],
    [
      'bad annotation key',
      { ...GOOD, annotations: { 'a b': '' } },
      [/^metadata.annotations: Invalid value: "a b": name/],
    ],
    [
      'annotations that are too large together',
      { ...GOOD, annotations: { a: 'x'.repeat(MAX_ANNOTATION_BYTES / 2), b: 'x'.repeat(MAX_ANNOTATION_BYTES / 2) } },
      ['metadata.annotations: Too long: may not be more than 262144 bytes'],
    ],
    [
      'two controllers',
      { ...GOOD, ownerReferences: [owner, { ...owner, name: 'x' }].map((each) => ({ ...each, controller: true })) },
      [
        /Only one reference can have Controller set to true. Found "true" in references for ReplicationController\/rc and ReplicationController\/x$/,
      ],
    ],
    [
      'an empty owner',
      { ...GOOD, ownerReferences: [{} as never] },
      [
        'metadata.ownerReferences.apiVersion: Invalid value: "": version must not be empty',
        'metadata.ownerReferences.kind: Invalid value: "": must not be empty',
        'metadata.ownerReferences.name: Invalid value: "": must not be empty',
        'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
      ],
    ],
    [
      'an event as owner',
      { ...GOOD, ownerReferences: [{ ...owner, kind: 'Event' }] },
      [/Kind=Event is disallowed from being an owner$/],
    ],
    [
      'an unqualified finalizer',
      { ...GOOD, finalizers: ['wait'] },
      [
        'metadata.finalizers[0]: Invalid value: "wait": name is neither a standard finalizer name nor is it fully qualified',
      ],
    ],
    [
      'finalizers that contradict each other',
      { ...GOOD, finalizers: ['orphan', 'foregroundDeletion'] },
      [/finalizer orphan and foregroundDeletion cannot be both set$/],
    ],
  ]
  for (const [title, meta, wanted] of rows) t.match(shown(validateMeta(meta, NAMESPACED)), wanted, title)
  for (const [title, meta, wanted] of rows) t.equal(validateMeta(meta, NAMESPACED).length, wanted.length, title)
})

t.test('scope and name rule are the kind’s', async (t) => {
  const rules = { namespaced: false, validateName: dnsLabelName }
  t.same(shown(validateMeta(GOOD, rules)), ['metadata.namespace: Forbidden: not allowed on this type'])
  t.same(shown(validateMeta({ name: 'a.b' }, rules)), ['metadata.name: Invalid value: "a.b": must not contain dots'])
  const anything = { namespaced: false, validateName: () => [] }
  t.same(shown(validateMeta({ name: 'a/b' }, anything)), [`metadata.name: Invalid value: "a/b": may not contain '/'`])
})

t.test('changed metadata', async (t) => {
  const old: TemplateMeta = { ...GOOD, uid: '1', creationTimestamp: '2026-01-01T00:00:00Z', generation: 2 }
  const deleted: TemplateMeta = { ...old, deletionTimestamp: '2026-01-02T00:00:00Z', finalizers: ['a.b/c', 'a.b/d'] }
  const rows: [title: string, meta: TemplateMeta, old: TemplateMeta, wanted: string[]][] = [
    ['nothing', old, old, []],
    ['labels', { ...old, labels: { a: 'b' } }, old, []],
    ['uid', { ...old, uid: '2' }, old, ['metadata.uid: Invalid value: "2": field is immutable']],
    ['name', { ...old, name: 'b' }, old, ['metadata.name: Invalid value: "b": field is immutable']],
    ['namespace', { ...old, namespace: 'b' }, old, ['metadata.namespace: Invalid value: "b": field is immutable']],
    [
      'creation',
      { ...old, creationTimestamp: undefined },
      old,
      ['metadata.creationTimestamp: Invalid value: null: field is immutable'],
    ],
    ['generation', { ...old, generation: 1 }, old, ['metadata.generation: Invalid value: 1: must not be decremented']],
    ['a finalizer taken away from a deleted object', { ...deleted, finalizers: ['a.b/d'] }, deleted, []],
    [
      'finalizers added to a deleted object',
      { ...deleted, finalizers: ['a.b/z', 'a.b/c', 'a.b/e'] },
      deleted,
      [
        'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a.b/e", "a.b/z"}',
      ],
    ],
  ]
  for (const [title, meta, before, wanted] of rows) t.same(shown(validateMetaUpdate(meta, before)), wanted, title)
  t.match(shown(validateMetaUpdate({ ...old, labels: { a: '!' } }, old)), [/^metadata.labels: Invalid value: "!"/])
})
