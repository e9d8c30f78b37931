import { type FieldError, invalid, required } from '../field-errors.ts'
import { age } from './columns.ts'
import type { Kind } from './kind.ts'
import { typeMeta } from './meta.ts'
import { validatePathSegment, validateQualifiedName } from './names.ts'
import { ObjectReference } from './object-reference.ts'
import { coreModel } from './pod/core-model.ts'
import { field, int32, microTime, object, type Static, text, time } from './schema.ts'

/** Seconds for which an event is kept after its last write; `--event-ttl` of the API server changes it. */
export const EVENT_TTL_SECONDS = 3600

/** Bounds of texts in events of the new style (those with an `eventTime`). */
const MAX_WORD_LENGTH = 128
const MAX_MESSAGE_LENGTH = 1024

const EventSource = object(coreModel('EventSource'), 'Who reported an event, in events of the old style.', {
  component: text('Component that reported the event.'),
  host: text('Node on which the component runs.'),
})

const EventSeries = object(coreModel('EventSeries'), 'Repetitions of an event of the new style.', {
  count: int32('How often the event has happened so far.'),
  lastObservedTime: microTime('When it last happened.'),
})

const schema = object(
  coreModel('Event'),
  'A note that something happened to an object. Kept for a while only, and nothing may depend on it.',
  {
    ...typeMeta,
    involvedObject: field(ObjectReference, 'The object that the event is about.', { default: {} }),
    reason: text('Why, in one CamelCase word.'),
    message: text('What happened, for people.'),
    source: field(EventSource, 'Who reported the event.', { default: {} }),
    firstTimestamp: time('When it first happened.'),
    lastTimestamp: time('When it last happened.'),
    count: int32('How often it has happened.'),
    type: text('Normal or Warning.'),
    eventTime: microTime('When it first happened; marks an event of the new style.'),
    series: field(EventSeries, 'Repetitions; absent while it has happened once only.'),
    action: text('What was done, or failed to be done, to the object.'),
    related: field(ObjectReference, 'A second object that the event is about.'),
    reportingComponent: text('Controller that reported the event, such as `kubernetes.io/kubelet`.'),
    reportingInstance: text('Which instance of the controller it was, such as `kubelet-xyzf`.'),
  },
  { required: ['apiVersion', 'kind', 'metadata', 'involvedObject', 'source'] },
)
export type Event = Static<typeof schema>

/** A word that new-style events must have, of limited length. */
function validateWord(field: string, value: string): FieldError[] {
  if (value === '') return [required(field)]
  return value.length > MAX_WORD_LENGTH ? [invalid(field, '', `can have at most ${MAX_WORD_LENGTH} characters`)] : []
}

function validateNewStyle(event: Event): FieldError[] {
  const { reportingComponent = '', reportingInstance = '', action = '', reason = '', message = '' } = event
  const errors: FieldError[] = []
  if (reportingComponent === '') errors.push(required('reportingController'))
  errors.push(
    ...validateQualifiedName(reportingComponent).map((detail) =>
      invalid('reportingController', reportingComponent, detail),
    ),
    ...validateWord('reportingInstance', reportingInstance),
    ...validateWord('action', action),
    ...validateWord('reason', reason),
  )
  if (message.length > MAX_MESSAGE_LENGTH) {
    errors.push(invalid('message', '', `can have at most ${MAX_MESSAGE_LENGTH} characters`))
  }
  return errors
}

/**
 * An event lives in the namespace of its object; that of a cluster-scoped object in `default`, or, in the new style, in
 * `kube-system`.
 */
function isInPlace({ metadata, involvedObject, eventTime }: Event): boolean {
  const { namespace = '' } = metadata
  const { namespace: involved = '' } = involvedObject
  if (involved === '') return namespace === 'default' || (eventTime !== undefined && namespace === 'kube-system')
  return eventTime !== undefined || involved === namespace
}

function validate(event: Event): FieldError[] {
  const errors: FieldError[] = []
  if (!isInPlace(event)) {
    const { namespace = '' } = event.involvedObject
    errors.push(invalid('involvedObject.namespace', namespace, 'does not match event.namespace'))
  }
  return event.eventTime === undefined ? errors : [...errors, ...validateNewStyle(event)]
}

const firstSeen = ({ firstTimestamp, eventTime }: Event) => firstTimestamp ?? eventTime
const lastSeen = (event: Event) =>
  event.series === undefined ? (event.lastTimestamp ?? firstSeen(event)) : event.series.lastObservedTime

function involvedObjectCell({ involvedObject: { kind = '', name = '' } }: Event): string {
  return name === '' ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`
}

function sourceCell({ source, reportingComponent = '', reportingInstance = '' }: Event): string {
  const component = source.component || reportingComponent
  const instance = source.host || reportingInstance
  return instance === '' ? component : `${component}, ${instance}`
}

/** Selectable: every field of the object that an event is about. */
const involvedFields = Object.fromEntries(
  (['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'] as const).map((part) => [
    `involvedObject.${part}`,
    ({ involvedObject }: Event) => involvedObject[part] ?? '',
  ]),
)

export const event: Kind<Event> = {
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  singular: 'event',
  shortNames: ['ev'],
  namespaced: true,
  schema,
  hasStatus: false,
  hasGeneration: false,
  createsOnUpdate: true,
  validateName: validatePathSegment,
  ttlSeconds: EVENT_TTL_SECONDS,
  durability: 'relaxed',
  validate,
  columns: [
    {
      name: 'Last Seen',
      type: 'string',
      description: 'Time since it last happened.',
      cell: (event, nowMs) => age(lastSeen(event), nowMs),
    },
    { name: 'Type', type: 'string', description: 'Normal or Warning.', cell: ({ type = '' }) => type },
    { name: 'Reason', type: 'string', description: 'Why, in one word.', cell: ({ reason = '' }) => reason },
    { name: 'Object', type: 'string', description: 'The object that it is about.', cell: involvedObjectCell },
    {
      name: 'Subobject',
      type: 'string',
      priority: 1,
      description: 'The part of the object that it is about.',
      cell: ({ involvedObject }) => involvedObject.fieldPath ?? '',
    },
    { name: 'Source', type: 'string', priority: 1, description: 'Who reported it.', cell: sourceCell },
    {
      name: 'Message',
      type: 'string',
      description: 'What happened.',
      cell: ({ message = '' }) => message.trim(),
    },
    {
      name: 'First Seen',
      type: 'string',
      priority: 1,
      description: 'Time since it first happened.',
      cell: (event, nowMs) => age(firstSeen(event), nowMs),
    },
    {
      name: 'Count',
      type: 'string',
      priority: 1,
      description: 'How often it has happened.',
      cell: ({ series, count = 0 }) => series?.count ?? (count === 0 ? 1 : count),
    },
    {
      name: 'Name',
      type: 'string',
      format: 'name',
      priority: 1,
      description: 'Name of the event.',
      cell: ({ metadata }) => metadata.name,
    },
  ],
  selectableFields: {
    ...involvedFields,
    reason: ({ reason = '' }) => reason,
    reportingComponent: ({ reportingComponent = '' }) => reportingComponent,
    source: ({ source, reportingComponent = '' }) => source.component || reportingComponent,
    type: ({ type = '' }) => type,
  },
}
