import t from 'tap'
import { event } from '../../../shared/api/event.ts'
import { created, row, shown } from '../../support/kind-objects.ts'

const about = (namespace?: string) => ({ kind: 'Pod', name: 'kubia', ...(namespace !== undefined && { namespace }) })
const old = (fields: object = {}, namespace = 'default') => ({
  metadata: { name: 'kubia.17b', namespace },
  involvedObject: about('default'),
  reason: 'Started',
  message: 'Started container main',
  type: 'Normal',
  ...fields,
})
const NEW_STYLE = {
  eventTime: '2026-01-01T00:00:00.000000Z',
  reportingComponent: 'kubelet',
  reportingInstance: 'node-1',
  action: 'Start',
}

t.test('validation', async (t) => {
  const MISPLACED = (namespace: string) =>
    `involvedObject.namespace: Invalid value: "${namespace}": does not match event.namespace`
  const rows: [title: string, draft: object, wanted: string[]][] = [
    ['old style', old(), []],
    ['old style, in another namespace than its object', old({}, 'other'), [MISPLACED('default')]],
    ['old style, of a cluster-scoped object', old({ involvedObject: about() }), []],
    ['old style, of a cluster-scoped object elsewhere', old({ involvedObject: about() }, 'other'), [MISPLACED('')]],
    ['new style', old(NEW_STYLE), []],
    ['new style, of a cluster-scoped object', old({ ...NEW_STYLE, involvedObject: about() }, 'kube-system'), []],
    [
      'new style, of a cluster-scoped object elsewhere',
      old({ ...NEW_STYLE, involvedObject: about() }, 'other'),
      [MISPLACED('')],
    ],
    [
      'new style, with nothing else',
      { ...old({ eventTime: NEW_STYLE.eventTime }), reason: '' },
      [
        'reportingController: Required value',
        'reportingController: Invalid value: "": name part must be non-empty',
        `reportingController: Invalid value: "": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
        'reportingInstance: Required value',
        'action: Required value',
        'reason: Required value',
      ],
    ],
    [
      'new style, too long',
      old({ ...NEW_STYLE, action: 'a'.repeat(129), message: 'm'.repeat(1025) }),
      [
        'action: Invalid value: "": can have at most 128 characters',
        'message: Invalid value: "": can have at most 1024 characters',
      ],
    ],
  ]
  for (const [title, draft, wanted] of rows) t.same(shown(event.validate(created(event, draft))), wanted, title)
})

t.test('columns', async (t) => {
  const nowMs = Date.parse('2026-01-01T00:01:00Z')
  const rows: [title: string, fields: object, wanted: object][] = [
    [
      'old style',
      {
        firstTimestamp: '2026-01-01T00:00:00Z',
        lastTimestamp: '2026-01-01T00:00:50Z',
        count: 3,
        source: { component: 'kubelet', host: 'node-1' },
        involvedObject: { ...about('default'), fieldPath: 'spec.containers{main}' },
        message: ' Started \n',
      },
      {
        'Last Seen': '10s',
        Type: 'Normal',
        Reason: 'Started',
        Object: 'pod/kubia',
        Subobject: 'spec.containers{main}',
        Source: 'kubelet, node-1',
        Message: 'Started',
        'First Seen': '60s',
        Count: 3,
        Name: 'kubia.17b',
      },
    ],
    ['new style, once', NEW_STYLE, { 'Last Seen': '60s', 'First Seen': '60s', Count: 1, Source: 'kubelet, node-1' }],
    [
      'new style, a series',
      { ...NEW_STYLE, series: { count: 7, lastObservedTime: '2026-01-01T00:00:55.000000Z' } },
      { 'Last Seen': '5s', 'First Seen': '60s', Count: 7 },
    ],
    ['no time', {}, { 'Last Seen': '<unknown>', 'First Seen': '<unknown>', Count: 1, Source: '' }],
    ['no name', { involvedObject: { kind: 'Node' } }, { Object: 'node' }],
  ]
  for (const [title, fields, wanted] of rows) t.match(row(event, created(event, old(fields)), nowMs), wanted, title)
})

t.test('selectable fields', async (t) => {
  const object = created(event, old({ source: { component: 'kubelet' }, reportingComponent: 'other' }))
  const read = (field: string) => event.selectableFields?.[field]?.(object)
  t.equal(read('involvedObject.name'), 'kubia')
  t.equal(read('involvedObject.uid'), '')
  t.equal(read('reason'), 'Started')
  t.equal(read('source'), 'kubelet')
  t.equal(read('reportingComponent'), 'other')
  t.equal(read('type'), 'Normal')
})
