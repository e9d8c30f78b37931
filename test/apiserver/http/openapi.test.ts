/** The OpenAPI documents: what they describe, and how they are cached. */
import t, { type Test } from 'tap'
import { reviewKinds } from '../../../apiserver/http/review-endpoints.ts'
import { apiVersionOf } from '../../../shared/api/kind.ts'
import { builtInKinds } from '../../../shared/api/kinds.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'

// biome-ignore lint/suspicious/noExplicitAny: documents are checked by what is in them.
type Json = any

/** Everything that is described anywhere in a document, with the path to it. */
function* nodesIn(value: Json, path = ''): Generator<[path: string, node: Json]> {
  if (typeof value !== 'object' || value === null) return
  yield [path, value]
  for (const [key, child] of Object.entries(value)) yield* nodesIn(child, `${path}/${key}`)
}

function checkReferences(t: Test, document: Json, prefix: string, models: Json): void {
  for (const [path, { $ref }] of nodesIn(document))
    if (typeof $ref === 'string' && !Object.hasOwn(models, $ref.slice(prefix.length)))
      t.fail(`${path} refers to ${$ref}`)
}

t.test('OpenAPI', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(() => server.close())
  const { send } = server
  const index: Record<string, { serverRelativeURL: string }> = (await send('GET', '/openapi/v3')).json().paths

  t.test('a document for every group and version', async (t) => {
    const names = [...builtInKinds, ...reviewKinds].map(
      (kind) => `${kind.group === '' ? 'api' : 'apis'}/${apiVersionOf(kind)}`,
    )
    t.same(Object.keys(index).sort(), [...new Set(names)].sort())
    for (const { serverRelativeURL } of Object.values(index)) {
      const document = (await send('GET', serverRelativeURL)).json()
      const { schemas } = document.components
      checkReferences(t, document, '#/components/schemas/', schemas)
      for (const [name, model] of Object.entries<Json>(schemas)) {
        if (!model.description) t.fail(`${name} has no description`)
        for (const [field, schema] of Object.entries<Json>(model.properties ?? {}))
          if (!schema.description) t.fail(`${name}.${field} has no description`)
      }
      const ids = [...nodesIn(document.paths)].flatMap(([, { operationId }]) => operationId ?? [])
      t.equal(new Set(ids).size, ids.length, 'names of operations are unique')
    }
  })

  t.test('the core document', async (t) => {
    const { paths, components } = (await send('GET', index['api/v1']!.serverRelativeURL)).json()
    const pod = { group: '', version: 'v1', kind: 'Pod' }
    const one = paths['/api/v1/namespaces/{namespace}/pods/{name}']
    t.match(one.patch, { operationId: 'patchCoreV1NamespacedPod', 'x-kubernetes-group-version-kind': pod })
    t.ok(one.patch.parameters.some(({ name }: Json) => name === 'fieldValidation'))
    t.match(one.delete.requestBody.content['application/json'].schema.$ref, /DeleteOptions$/)
    t.match(paths['/api/v1/namespaces/{namespace}/pods'], {
      get: { operationId: 'listCoreV1NamespacedPod', 'x-kubernetes-action': 'list' },
      post: { operationId: 'createCoreV1NamespacedPod' },
      delete: { operationId: 'deleteCoreV1CollectionNamespacedPod', 'x-kubernetes-action': 'deletecollection' },
    })
    t.match(paths['/api/v1/pods'].get, { operationId: 'listCoreV1PodForAllNamespaces' })
    t.match(paths['/api/v1/namespaces/{namespace}/pods/{name}/status'].put, {
      operationId: 'replaceCoreV1NamespacedPodStatus',
    })
    t.match(paths['/api/v1/namespaces/{namespace}/replicationcontrollers/{name}/scale'].get, {
      'x-kubernetes-group-version-kind': { group: 'autoscaling', version: 'v1', kind: 'Scale' },
    })
    t.notOk('deletecollection' in paths['/api/v1/namespaces'], 'verbs that a kind does not have')
    const { schemas } = components
    t.match(schemas['io.k8s.api.core.v1.PodList'], {
      required: ['items'],
      'x-kubernetes-group-version-kind': [{ ...pod, kind: 'PodList' }],
    })
    const { containers, securityContext } = schemas['io.k8s.api.core.v1.PodSpec'].properties
    t.match(containers, { type: 'array', 'x-kubernetes-patch-merge-key': 'name', description: String })
    t.notOk('description' in containers.items, 'elements are described by their model')
    t.not(
      securityContext.description,
      schemas['io.k8s.api.core.v1.PodSecurityContext'].description,
      'a field is described by what it is for, its model by what it is',
    )
  })

  t.test('caching', async (t) => {
    const { serverRelativeURL } = index['api/v1']!
    const answer = await send('GET', serverRelativeURL)
    t.equal(answer.headers['cache-control'], 'public, immutable')
    t.ok(Date.parse(answer.headers.expires!) > Date.now() + 300 * 24 * 3600 * 1000)
    t.equal(answer.headers.etag, `"${serverRelativeURL.split('hash=')[1]}"`)
    const headers = { 'if-none-match': answer.headers.etag! }
    t.equal((await send('GET', serverRelativeURL, { headers })).status, 304)
    const bare = await send('GET', '/openapi/v3/api/v1')
    t.equal(bare.headers['cache-control'], 'no-cache, private')
    t.equal(bare.headers.etag, answer.headers.etag)
    const old = await send('GET', '/openapi/v3/api/v1?hash=0123')
    t.equal(old.status, 301)
    t.equal(old.headers.location, serverRelativeURL)
    t.equal((await send('GET', '/openapi/v3/apis/nosuch/v1')).status, 404)
    const again = await send('GET', '/openapi/v3', {
      headers: { 'if-none-match': (await send('GET', '/openapi/v3')).headers.etag! },
    })
    t.equal(again.status, 304)
  })

  t.test('OpenAPI 2', async (t) => {
    const answer = await send('GET', '/openapi/v2')
    t.ok(answer.headers.etag)
    const document = answer.json()
    t.equal(document.swagger, '2.0')
    checkReferences(t, document, '#/definitions/', document.definitions)
    t.notOk(answer.text.includes('oneOf') || answer.text.includes('allOf'), 'nothing that there is only in OpenAPI 3')
    const pod = '#/definitions/io.k8s.api.core.v1.Pod'
    t.match(document.paths['/api/v1/namespaces/{namespace}/pods'].post, {
      consumes: ['application/json', 'application/yaml'],
      parameters: [
        { name: 'body', in: 'body', required: true, schema: { $ref: pod } },
        { name: 'pretty', type: 'string' },
      ],
      responses: { 200: { schema: { $ref: pod } } },
    })
    t.match(document.definitions['io.k8s.apimachinery.pkg.api.resource.Quantity'], { type: 'string' })
    const protobuf = await send('GET', '/openapi/v2', {
      headers: { accept: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf' },
    })
    t.match(protobuf.headers['content-type'], 'protobuf')
  })
})
