/** Server-side apply and the owners of fields through the API, as clients see them. */
import t from 'tap'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'

const MAPS = '/api/v1/namespaces/default/configmaps'
const PODS = '/api/v1/namespaces/default/pods'
const RCS = '/api/v1/namespaces/default/replicationcontrollers'

const map = (name: string, data?: object) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data })
const rc = (name: string, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ReplicationController',
  metadata: { name },
  spec: {
    selector: { a: name },
    template: { metadata: { labels: { a: name } }, spec: { containers: [{ name: 'c', image: 'x:1' }] } },
    ...spec,
  },
})

interface Entry {
  manager: string
  operation: string
  subresource?: string
  time: string
  fieldsV1: object
}

t.test('apply', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(() => server.close())
  const { send } = server
  const type = { 'content-type': 'application/apply-patch+yaml' }
  const apply = (path: string, body: unknown, query = 'fieldManager=m') =>
    send('PATCH', `${path}?${query}`, { body, headers: type })
  const patch = (path: string, body: unknown, kind = 'merge', query = '') =>
    send('PATCH', `${path}${query}`, { body, headers: { 'content-type': `application/${kind}-patch+json` } })
  const entriesOf = async (path: string): Promise<Entry[]> => (await send('GET', path)).json().metadata.managedFields
  const managersOf = async (path: string) =>
    (await entriesOf(path)).map(({ manager, operation, subresource = '' }) => `${manager} ${operation} ${subresource}`)

  t.test('creates, changes, and leaves alone', async (t) => {
    const path = `${MAPS}/made`
    const created = await apply(path, map('made', { a: '1' }))
    t.equal(created.status, 201)
    t.match(created.json(), {
      data: { a: '1' },
      metadata: {
        uid: String,
        managedFields: [
          {
            manager: 'm',
            operation: 'Apply',
            apiVersion: 'v1',
            fieldsType: 'FieldsV1',
            fieldsV1: { 'f:data': { 'f:a': {} } },
          },
        ],
      },
    })
    const again = await apply(path, map('made', { a: '1' }))
    t.equal(again.status, 200)
    t.strictSame(again.json(), created.json(), 'neither version nor time change')
    const changed = (
      await apply(path, 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: made}\ndata: {b: "2"}\n')
    ).json()
    t.strictSame(changed.data, { b: '2' })
    t.equal(
      (await apply(`${MAPS}/other`, map('made'))).json().message,
      'the name of the object (made) does not match the name on the URL (other)',
    )
    const uid = { ...map('none'), metadata: { name: 'none', uid: 'x' } }
    t.match((await apply(`${MAPS}/none`, uid)).json(), { code: 409, message: /: uid mismatch: the provided object/ })
  })

  t.test('what a request must say', async (t) => {
    t.match((await apply(`${MAPS}/x`, map('x'), '')).json(), {
      code: 422,
      message: 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    })
    t.match((await patch(`${MAPS}/made`, {}, 'merge', '?force=true')).json(), {
      code: 422,
      message: 'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
    })
    t.match((await apply(`${MAPS}/x`, map('x'), `fieldManager=${'m'.repeat(129)}`)).json(), {
      code: 422,
      message: /fieldManager: Too long: may not be more than 128 bytes$/,
    })
    t.match((await apply(`${MAPS}/x`, map('x'), 'fieldManager=a%09b')).json(), {
      code: 422,
      message: /fieldManager: Invalid value: "a\\tb": invalid character U\+0009 \(at position 1\)/,
    })
    t.match((await apply(`${MAPS}/x`, '{')).json(), { code: 400, message: /^error decoding YAML: / })
    t.match((await apply(`${MAPS}/x`, { ...map('x'), bogus: 1 })).json(), {
      code: 400,
      message: 'failed to create typed patch object (/x; /v1, Kind=ConfigMap): .bogus: field not declared in schema',
    })
    const twice = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":{"a":"1","a":"2"}}'
    const warned = await apply(`${MAPS}/x`, twice, 'fieldManager=m&dryRun=All')
    t.equal(warned.status, 201)
    t.match(warned.headers.warning, /duplicate field/)
    t.match((await apply(`${MAPS}/x`, twice, 'fieldManager=m&fieldValidation=Strict')).json(), {
      code: 400,
      message: /^error strict decoding YAML: duplicate field/,
    })
    t.equal((await send('GET', `${MAPS}/x`)).status, 404)
    const wrongType = await send('PATCH', `${MAPS}/made?fieldManager=m`, {
      body: map('made'),
      headers: { 'content-type': 'application/apply-patch+cbor' },
    })
    t.equal(wrongType.status, 415)
  })

  t.test('conflicts, also with a scale and a status', async (t) => {
    const path = `${RCS}/sized`
    await apply(path, rc('sized', { replicas: 1 }))
    await patch(`${path}/scale`, { spec: { replicas: 4 } }, 'merge', '?fieldManager=scaler')
    await patch(`${path}/status`, { status: { replicas: 2 } }, 'merge', '?fieldManager=observer')
    t.strictSame(await managersOf(path), ['m Apply ', 'observer Update status', 'scaler Update scale'])
    const refused = (await apply(path, rc('sized', { replicas: 1 }))).json()
    t.match(refused, {
      status: 'Failure',
      reason: 'Conflict',
      code: 409,
      message: 'Apply failed with 1 conflict: conflict with "scaler" with subresource "scale" using v1: .spec.replicas',
      details: { causes: [{ reason: 'FieldManagerConflict', field: '.spec.replicas' }] },
    })
    const forced = (await apply(path, rc('sized', { replicas: 1 }), 'fieldManager=m&force=true')).json()
    t.match(forced, { spec: { replicas: 1 }, status: { replicas: 2 }, metadata: { generation: 3 } })
    t.strictSame(await managersOf(path), ['m Apply ', 'observer Update status'])
    const released = (await apply(path, rc('sized'))).json()
    t.equal(released.spec.replicas, 1, 'the default')
    t.notOk('f:replicas' in (await entriesOf(path))[0]!.fieldsV1)
  })

  t.test('to status and scale', async (t) => {
    const path = `${RCS}/parts`
    await send('POST', `${RCS}?fieldManager=maker`, { body: rc('parts', { replicas: 2 }) })
    const status = {
      apiVersion: 'v1',
      kind: 'ReplicationController',
      metadata: { name: 'parts' },
      status: { replicas: 2 },
    }
    t.match((await apply(`${path}/status`, { ...status, spec: { replicas: 9 } })).json(), {
      spec: { replicas: 2 },
      status: { replicas: 2 },
    })
    const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'parts' }, spec: { replicas: 3 } }
    t.match((await apply(`${path}/scale`, scale)).json(), {
      code: 409,
      message: 'Apply failed with 1 conflict: conflict with "maker" using v1: .spec.replicas',
    })
    t.match((await apply(`${path}/scale`, scale, 'fieldManager=m&force=1')).json(), {
      kind: 'Scale',
      spec: { replicas: 3 },
    })
    t.strictSame(await managersOf(path), ['m Apply scale', 'm Apply status', 'maker Update '])
    t.match((await apply(`${RCS}/none/status`, { ...status, metadata: { name: 'none' } })).json(), { code: 404 })
    t.match((await apply(`${RCS}/none/scale`, { ...scale, metadata: { name: 'none' } })).json(), { code: 404 })
  })

  t.test('every other write has its manager', async (t) => {
    const path = `${PODS}/tracked`
    const body = { metadata: { name: 'tracked' }, spec: { containers: [{ name: 'c', image: 'x' }] } }
    await send('POST', PODS, { body, headers: { 'user-agent': 'creator/1.2 (linux)' } })
    await send('POST', `${path}/binding`, { body: { metadata: { name: 'tracked' }, target: { name: 'n' } } })
    await patch(`${path}/status`, { status: { phase: 'Running' } }, 'strategic-merge', '?fieldManager=kubelet')
    const read = (await send('GET', path)).json()
    const labelled = { ...read, metadata: { ...read.metadata, labels: { a: 'b' } } }
    await send('PUT', `${path}?fieldManager=labeller`, { body: labelled })
    const entries = await entriesOf(path)
    t.match(entries, [
      { manager: 'creator', fieldsV1: { 'f:spec': { 'f:containers': {} } } },
      { manager: 'kubelet', subresource: 'status', fieldsV1: { 'f:status': { 'f:phase': {} } } },
      { manager: 'labeller', fieldsV1: { 'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } } } },
    ])
    t.notOk('f:nodeName' in (entries[0] as { fieldsV1: Record<string, object> }).fieldsV1['f:spec']!)
    const marked = (await send('DELETE', path)).json()
    t.strictSame(marked.metadata.managedFields, entries, 'a deletion is the server’s own')
  })

  t.test('a write that changes nothing is none, whoever sends it', async (t) => {
    const path = `${PODS}/still`
    await send('POST', PODS, {
      body: { metadata: { name: 'still' }, spec: { containers: [{ name: 'c', image: 'x' }] } },
    })
    const status = { status: { conditions: [{ type: 'Ready', status: 'True' }] } }
    const once = (await patch(`${path}/status`, status, 'strategic-merge', '?fieldManager=kubelet')).json()
    t.strictSame((await patch(`${path}/status`, status, 'strategic-merge', '?fieldManager=other')).json(), once)
    t.strictSame((await send('PUT', path, { body: once })).json(), once)
    const touched = structuredClone(once)
    for (const entry of touched.metadata.managedFields) entry.time = '2020-01-01T00:00:00Z'
    t.strictSame((await send('PUT', path, { body: touched })).json(), once, 'times alone are not written')
  })

  t.test('clients may clear the owners, and copies keep theirs', async (t) => {
    const path = `${MAPS}/cleared`
    const made = (await apply(path, map('cleared', { a: '1' }))).json()
    const clear = [{ op: 'replace', path: '/metadata/managedFields', value: [{}] }]
    const cleared = (await patch(path, clear, 'json')).json()
    t.notOk('managedFields' in cleared.metadata)
    t.not(cleared.metadata.resourceVersion, made.metadata.resourceVersion)
    t.notOk('managedFields' in (await patch(path, { data: { b: '2' } })).json().metadata, 'and are tracked no more')
    t.match((await apply(path, map('cleared', { a: '1' }))).json().metadata.managedFields, [
      { manager: 'm', operation: 'Apply' },
      { manager: 'before-first-apply', operation: 'Update' },
    ])
    const copy = { ...made, metadata: { name: 'copy', managedFields: made.metadata.managedFields } }
    await send('POST', `${MAPS}?fieldManager=copier`, { body: copy })
    t.strictSame(await managersOf(`${MAPS}/copy`), ['copier Update '], 'what it creates anew is its own')
  })

  t.test('concurrent applies all get through', async (t) => {
    const path = `${MAPS}/contended`
    const answers = await Promise.all(
      Array.from({ length: 80 }, (_, index) =>
        apply(path, map('contended', { [`k${index}`]: 'x' }), `fieldManager=m${index}`),
      ),
    )
    t.equal(answers.filter(({ status }) => status === 201).length, 1, 'one creates')
    t.ok(answers.every(({ status }) => status < 300))
    t.equal(Object.keys((await send('GET', path)).json().data).length, 80)
    t.equal((await entriesOf(path)).length, 80)
  })
})
