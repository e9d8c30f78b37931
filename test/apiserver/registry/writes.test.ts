/** Creating, updating and deleting objects through the API, as clients see it. */
import t from 'tap'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'

const MAPS = '/api/v1/namespaces/default/configmaps'
const PODS = '/api/v1/namespaces/default/pods'
const RCS = '/api/v1/namespaces/default/replicationcontrollers'

const map = (name: string, extra: object = {}) => ({ metadata: { name }, data: { a: '1' }, ...extra })
const pod = (name: string, metadata: object = {}) => ({
  metadata: { name, ...metadata },
  spec: { containers: [{ name: 'c', image: 'x' }] },
})
const rc = (name: string, replicas: number) => ({
  metadata: { name },
  spec: {
    replicas,
    selector: { a: name },
    template: { metadata: { labels: { a: name } }, spec: { containers: [{ name: 'c', image: 'x' }] } },
  },
})

t.test('writes', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(() => server.close())
  const { send } = server

  t.test('create fills in identity and answers what is stored', async (t) => {
    const created = (
      await send('POST', MAPS, { body: map('created', { metadata: { name: 'created', uid: 'mine' } }) })
    ).json()
    t.match(created, { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'created', namespace: 'default' } })
    t.match(created.metadata.uid, /^[0-9a-f-]{36}$/, 'the UID is the server’s')
    t.match(created.metadata.creationTimestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    t.strictSame((await send('GET', `${MAPS}/created`)).json(), created)
  })

  t.test('generateName', async (t) => {
    const body = { metadata: { generateName: 'gen-' } }
    const names = await Promise.all(
      Array.from({ length: 20 }, async () => (await send('POST', MAPS, { body })).json().metadata.name),
    )
    for (const name of names) t.match(name, /^gen-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
    t.equal(new Set(names).size, 20)
  })

  t.test('dryRun checks and writes nothing', async (t) => {
    const { status, json } = await send('POST', `${MAPS}?dryRun=All`, { body: map('dry') })
    t.equal(status, 201)
    t.notOk('resourceVersion' in json().metadata)
    t.equal((await send('GET', `${MAPS}/dry`)).status, 404)
    t.match((await send('POST', `${MAPS}?dryRun=All`, { body: map('created') })).json(), { reason: 'AlreadyExists' })
    t.match((await send('POST', `${MAPS}?dryRun=Some`, { body: map('dry') })).json(), {
      code: 422,
      message: 'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"',
    })
    t.equal((await send('DELETE', `${MAPS}/created?dryRun=All`)).status, 200)
    t.equal((await send('GET', `${MAPS}/created`)).status, 200)
  })

  t.test('update', async (t) => {
    const { json } = await send('POST', MAPS, { body: map('updated') })
    const created = json()
    const changed = (await send('PUT', `${MAPS}/updated`, { body: { ...created, data: { a: '2' } } })).json()
    t.strictSame(changed.data, { a: '2' })
    t.ok(Number(changed.metadata.resourceVersion) > Number(created.metadata.resourceVersion))
    t.match(
      (await send('PUT', `${MAPS}/updated`, { body: created })).json(),
      { code: 409, reason: 'Conflict' },
      'stale',
    )
    const blind = (await send('PUT', `${MAPS}/updated`, { body: map('updated', { data: { a: '3' } }) })).json()
    t.strictSame(blind.data, { a: '3' }, 'without a version it overwrites')
    t.equal(blind.metadata.uid, created.metadata.uid)
    const same = (await send('PUT', `${MAPS}/updated`, { body: blind })).json()
    t.equal(same.metadata.resourceVersion, blind.metadata.resourceVersion, 'no change, no write')
    t.match((await send('PUT', `${MAPS}/nothing`, { body: map('nothing') })).json(), {
      code: 404,
      message: 'configmaps "nothing" not found',
    })
    t.match((await send('PUT', `${MAPS}/updated`, { body: map('other') })).json(), {
      code: 400,
      message: 'the name of the object (other) does not match the name on the URL (updated)',
    })
    const foreign = { ...map('updated'), metadata: { name: 'updated', uid: 'other' } }
    t.match((await send('PUT', `${MAPS}/updated`, { body: foreign })).json(), {
      code: 409,
      message: /UID in precondition: other/,
    })
  })

  t.test('a lease must be updated from a version', async (t) => {
    const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases'
    const lease = { metadata: { name: 'l' }, spec: { holderIdentity: 'me' } }
    t.equal((await send('POST', leases, { body: lease })).status, 201)
    t.match((await send('PUT', `${leases}/l`, { body: lease })).json(), {
      code: 422,
      message:
        'leases.coordination.k8s.io "l" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for an update',
    })
  })

  t.test('generation counts changes of the spec; the status is only written by its subresource', async (t) => {
    const created = (await send('POST', RCS, { body: rc('counted', 1) })).json()
    t.equal(created.metadata.generation, 1)
    const labelled = { ...created, metadata: { ...created.metadata, labels: { x: 'y' } }, status: { replicas: 7 } }
    const second = (await send('PUT', `${RCS}/counted`, { body: labelled })).json()
    t.match(second, { metadata: { generation: 1, labels: { x: 'y' } }, status: { replicas: 0 } })
    const third = (
      await send('PUT', `${RCS}/counted`, { body: { ...second, spec: { ...second.spec, replicas: 2 } } })
    ).json()
    t.match(third, { metadata: { generation: 2 }, spec: { replicas: 2 } })
    const status = { ...third, spec: { ...third.spec, replicas: 9 }, status: { replicas: 2 } }
    const fourth = (await send('PUT', `${RCS}/counted/status`, { body: status })).json()
    t.match(fourth, { metadata: { generation: 2 }, spec: { replicas: 2 }, status: { replicas: 2 } })
  })

  t.test('scale', async (t) => {
    await send('POST', RCS, { body: rc('scaled', 1) })
    const scale = (await send('GET', `${RCS}/scaled/scale`)).json()
    t.match(scale, {
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      metadata: { name: 'scaled', namespace: 'default' },
      spec: { replicas: 1 },
      status: { replicas: 0, selector: 'a=scaled' },
    })
    const written = (await send('PUT', `${RCS}/scaled/scale`, { body: { ...scale, spec: { replicas: 3 } } })).json()
    t.match(written, { kind: 'Scale', spec: { replicas: 3 } })
    t.match((await send('GET', `${RCS}/scaled`)).json(), { metadata: { generation: 2 }, spec: { replicas: 3 } })
    t.match((await send('PUT', `${RCS}/scaled/scale`, { body: scale })).json(), { code: 409 }, 'stale')
    const negative = { ...written, spec: { replicas: -1 } }
    t.match((await send('PUT', `${RCS}/scaled/scale`, { body: negative })).json(), {
      code: 422,
      message:
        'Scale.autoscaling "scaled" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    })
  })

  t.test('delete answers a Status, or the object where its kind says so', async (t) => {
    const { json } = await send('POST', MAPS, { body: map('gone') })
    const { uid } = json().metadata
    t.strictSame((await send('DELETE', `${MAPS}/gone`)).json(), {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name: 'gone', kind: 'configmaps', uid },
    })
    t.equal((await send('GET', `${MAPS}/gone`)).status, 404)
    t.match((await send('DELETE', `${MAPS}/gone`)).json(), { code: 404 })
  })

  t.test('preconditions of a delete', async (t) => {
    const created = (await send('POST', MAPS, { body: map('guarded') })).json()
    const by = (preconditions: object) => ({ body: { kind: 'DeleteOptions', apiVersion: 'v1', preconditions } })
    t.match((await send('DELETE', `${MAPS}/guarded`, by({ uid: '0' }))).json(), {
      code: 409,
      message:
        /^Operation cannot be fulfilled on ConfigMap "guarded": the UID in the precondition \(0\) does not match/,
    })
    t.match((await send('DELETE', `${MAPS}/guarded`, by({ resourceVersion: '1' }))).json(), { code: 409 })
    const { uid, resourceVersion } = created.metadata
    t.equal((await send('DELETE', `${MAPS}/guarded`, by({ uid, resourceVersion }))).status, 200)
  })

  t.test('a pod on a node is deleted gracefully, and goes with the kubelet’s last delete', async (t) => {
    await send('POST', PODS, { body: pod('graceful') })
    await send('POST', `${PODS}/graceful/binding`, { body: { metadata: { name: 'graceful' }, target: { name: 'n' } } })
    const marked = (await send('DELETE', `${PODS}/graceful`)).json()
    t.match(marked.metadata, { deletionGracePeriodSeconds: 30, deletionTimestamp: String })
    const shorter = (await send('DELETE', `${PODS}/graceful?gracePeriodSeconds=5`)).json()
    t.equal(shorter.metadata.deletionGracePeriodSeconds, 5)
    t.equal(
      (await send('DELETE', `${PODS}/graceful?gracePeriodSeconds=60`)).json().metadata.deletionGracePeriodSeconds,
      5,
    )
    t.equal((await send('DELETE', `${PODS}/graceful?gracePeriodSeconds=0`)).status, 200)
    t.equal((await send('GET', `${PODS}/graceful`)).status, 404)
  })

  t.test('finalizers keep an object until the last is taken away', async (t) => {
    const created = (
      await send('POST', MAPS, { body: map('kept', { metadata: { name: 'kept', finalizers: ['a.b/c'] } }) })
    ).json()
    const marked = (await send('DELETE', `${MAPS}/kept`)).json()
    t.match(marked, { kind: 'ConfigMap', metadata: { deletionTimestamp: String, finalizers: ['a.b/c'] } })
    const added = { ...marked, metadata: { ...marked.metadata, finalizers: ['a.b/c', 'd.e/f'] } }
    t.match((await send('PUT', `${MAPS}/kept`, { body: added })).json(), {
      code: 422,
      message: /no new finalizers can be added/,
    })
    const released = { ...marked, metadata: { ...marked.metadata, finalizers: [] } }
    const last = (await send('PUT', `${MAPS}/kept`, { body: released })).json()
    t.equal(last.metadata.uid, created.metadata.uid)
    t.equal((await send('GET', `${MAPS}/kept`)).status, 404)
  })

  t.test('a ReplicationController orphans by default, and says 202 to a foreground deletion', async (t) => {
    await send('POST', RCS, { body: rc('orphaning', 1) })
    t.match((await send('DELETE', `${RCS}/orphaning`)).json(), { metadata: { finalizers: ['orphan'] } })
    await send('POST', RCS, { body: rc('foreground', 1) })
    const { status, json } = await send('DELETE', `${RCS}/foreground?propagationPolicy=Foreground`)
    t.equal(status, 202)
    t.match(json(), { metadata: { finalizers: ['foregroundDeletion'] } })
    await send('POST', RCS, { body: rc('background', 1) })
    t.match((await send('DELETE', `${RCS}/background?propagationPolicy=Background`)).json(), { status: 'Success' })
    t.match((await send('DELETE', `${RCS}/foreground?propagationPolicy=Sideways`)).json(), {
      code: 422,
      message: /^DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Sideways"/,
    })
  })

  t.test('deletecollection deletes what the query selects', async (t) => {
    for (const name of ['c1', 'c2', 'c3'])
      await send('POST', MAPS, { body: map(name, { metadata: { name, labels: { set: name === 'c3' ? 'b' : 'a' } } }) })
    const { json } = await send('DELETE', `${MAPS}?labelSelector=set%3Da`)
    t.strictSame(
      json().items.map((item: { metadata: { name: string } }) => item.metadata.name),
      ['c1', 'c2'],
    )
    t.equal((await send('GET', `${MAPS}/c1`)).status, 404)
    t.equal((await send('GET', `${MAPS}/c3`)).status, 200)
  })

  t.test('a namespace terminates: nothing new comes in, and finalize removes it', async (t) => {
    const path = '/api/v1/namespaces/passing'
    await send('POST', '/api/v1/namespaces', { body: { metadata: { name: 'passing' } } })
    const marked = (await send('DELETE', path)).json()
    t.match(marked, { status: { phase: 'Terminating' }, spec: { finalizers: ['kubernetes'] } })
    t.match((await send('POST', `${path}/configmaps`, { body: map('late') })).json(), {
      code: 403,
      message:
        'configmaps "late" is forbidden: unable to create new content in namespace passing because it is being terminated',
      details: { causes: [{ reason: 'NamespaceTerminating' }] },
    })
    t.match((await send('PUT', path, { body: { ...marked, spec: {} } })).json(), {
      spec: { finalizers: ['kubernetes'] },
    })
    const current = (await send('GET', path)).json()
    t.equal((await send('PUT', `${path}/finalize`, { body: { ...current, spec: { finalizers: [] } } })).status, 200)
    t.equal((await send('GET', path)).status, 404)
  })

  t.test('writers to one object at the same time all get through', async (t) => {
    await send('POST', MAPS, { body: map('contended', { data: {} }) })
    const patch = (index: number) =>
      send('PATCH', `${MAPS}/contended`, {
        body: { data: { [`k${index}`]: 'x' } },
        headers: { 'content-type': 'application/merge-patch+json' },
      })
    const answers = await Promise.all(Array.from({ length: 15 }, (_, index) => patch(index)))
    t.strictSame(
      answers.map(({ status }) => status),
      Array(15).fill(200),
    )
    t.equal(Object.keys((await send('GET', `${MAPS}/contended`)).json().data).length, 15)
    const stale = { metadata: { resourceVersion: '1' }, data: { late: 'x' } }
    const refused = await send('PATCH', `${MAPS}/contended`, {
      body: stale,
      headers: { 'content-type': 'application/merge-patch+json' },
    })
    t.match(refused.json(), { code: 409 }, 'a patch that names a version is not applied to another')
  })
})
