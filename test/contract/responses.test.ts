/** Replays requests whose answers were recorded from a real Kubernetes, and compares status and whole body. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { startTestApiServer, type TestApiServer } from '../support/api-server.ts'
import { testDirectory } from '../support/directory.ts'

interface Recorded {
  case: string
  request: { method: string; path: string; contentType?: string; body?: unknown }
  status: number
  response: unknown
}

const recorded: Recorded[] = JSON.parse(readFileSync(new URL('./fixtures/responses.json', import.meta.url), 'utf8'))

// biome-ignore lint/suspicious/noExplicitAny: recorded bodies, changed at known places.
type Json = Record<string, any>

/** The last of the causes that 1.20 reports once per check that finds the same; 1.33 reports it once. */
const oneCause = (status: Json) => ({
  ...status,
  details: { ...status.details, causes: status.details.causes.slice(0, 1) },
})

/** Unset times are left out of templates. */
function withoutTemplateTime(object: Json): Json {
  delete object.spec.template.metadata.creationTimestamp
  return object
}

/** Answers of Kubernetes 1.33 that differ from the recorded ones of 1.20. */
const since: Readonly<Record<string, (response: Json) => Json>> = {
  // Pods have a generation; a deletion counts as a change.
  'create pod: every default filled in': (pod) => ({ ...pod, metadata: { ...pod.metadata, generation: 1 } }),
  // An evicted pod says so.
  'delete pod': (pod) => {
    const disruption = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'EvictionByEvictionAPI',
      message: 'Eviction API: evicting',
      lastProbeTime: null,
      lastTransitionTime: 'SET',
    }
    const status = { ...pod.status, conditions: [...pod.status.conditions, disruption] }
    return { ...pod, metadata: { ...pod.metadata, generation: 2 }, status }
  },
  // The words of the decoder that came with 1.23.
  'wrong type of field': (status) => ({
    ...status,
    message:
      'Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container',
  }),
  'bad label value': oneCause,
  // The list of fields is punctuated otherwise.
  'update an immutable pod field': (status) => {
    const reword = (text: string) =>
      text
        .replace('image`, `spec.init', 'image`,`spec.init')
        .replace('image`, `spec.active', 'image`,`spec.active')
        .replace('` or `spec.tolerations', '`,`spec.tolerations')
    const causes = status.details.causes.map((cause: Json) => ({ ...cause, message: reword(cause.message) }))
    return { ...status, message: reword(status.message), details: { ...status.details, causes } }
  },
  // Unset times are left out of templates.
  'rc without selector: defaults': (rc) => {
    const { creationTimestamp: _, ...metadata } = rc.spec.template.metadata
    const [entry] = structuredClone(rc.metadata.managedFields)
    const fields = entry.fieldsV1['f:spec']
    delete fields['f:template']['f:metadata']['f:creationTimestamp']
    // A selector is owned as a whole.
    fields['f:selector'] = {}
    return {
      ...rc,
      metadata: { ...rc.metadata, managedFields: [entry] },
      spec: { ...rc.spec, template: { ...rc.spec.template, metadata } },
    }
  },
  'deployment defaults': withoutTemplateTime,
  // Pods may surge.
  'ds defaults': (set) => {
    const { metadata, spec } = withoutTemplateTime(set)
    spec.updateStrategy.rollingUpdate.maxSurge = 0
    metadata.managedFields[0].fieldsV1['f:spec']['f:updateStrategy']['f:rollingUpdate']['f:maxSurge'] = {}
    return set
  },
  // Labels have domains, and more has been added by default.
  'job defaults': (job) => {
    const { metadata, spec } = withoutTemplateTime(job)
    const uid = metadata.labels['controller-uid']
    const labels = { 'batch.kubernetes.io/controller-uid': uid, 'batch.kubernetes.io/job-name': 'r' }
    Object.assign(metadata, { generation: 1, labels: { ...metadata.labels, ...labels } })
    spec.selector.matchLabels = { 'batch.kubernetes.io/controller-uid': uid }
    Object.assign(spec.template.metadata.labels, labels)
    Object.assign(spec, {
      completionMode: 'NonIndexed',
      suspend: false,
      manualSelector: false,
      podReplacementPolicy: 'TerminatingOrFailed',
    })
    const added = { 'f:completionMode': {}, 'f:suspend': {}, 'f:manualSelector': {}, 'f:podReplacementPolicy': {} }
    Object.assign(metadata.managedFields[0].fieldsV1['f:spec'], added)
    return job
  },
  // The parser of schedules speaks in small letters.
  'cronjob bad schedule': (status) => {
    const reword = (text: string) => text.replace('End of range', 'end of range')
    const causes = status.details.causes.map((cause: Json) => ({ ...cause, message: reword(cause.message) }))
    return { ...status, message: reword(status.message), details: { ...status.details, causes } }
  },
}

/** Go's own type names and dumps in messages, which only Go can print. */
const GO_DETAIL: readonly [RegExp, string][] = [
  // A dump of the struct's difference follows upstream's sentence.
  [/(only additions to existing tolerations\)).*$/s, '$1'],
]

const VOLATILE = new Set([
  'time',
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
  'lastTransitionTime',
])

/** Identity and times differ from run to run: what matters is whether they are there. */
function settled(value: unknown): unknown {
  if (typeof value === 'string')
    return GO_DETAIL.reduce((text, [pattern, shown]) => text.replace(pattern, shown), value).replace(
      /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g,
      'UID',
    )
  if (Array.isArray(value)) return value.map(settled)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      VOLATILE.has(name) && member !== null ? 'SET' : settled(member),
    ]),
  )
}

const acceptOf = ({ case: title }: Recorded) =>
  title === 'not acceptable' ? 'application/vnd.kubernetes.protobuf;as=Table' : 'application/json'

function replay(server: TestApiServer, entry: Recorded) {
  const { method, path, contentType, body } = entry.request
  // The program that was recorded, since it owns what it has created.
  const headers = {
    'user-agent': 'Python-urllib/3',
    accept: acceptOf(entry),
    ...(contentType !== undefined && { 'content-type': contentType }),
  }
  return server.send(method, path, { body, headers })
}

t.test('recorded answers', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(() => server.close())
  for (const entry of recorded) {
    const { status, text } = await replay(server, entry)
    const wanted = since[entry.case]?.(entry.response as Json) ?? entry.response
    const got = text.startsWith('{') ? JSON.parse(text) : text
    t.equal(status, entry.status, `${entry.case}: status`)
    t.strictSame(settled(got), settled(wanted), `${entry.case}: body`)
  }
})
