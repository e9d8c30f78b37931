/** The OpenAPI 3 document of one group and version. Pure. */
import { ALL_VERBS, type Kind, type Verb } from '../../shared/api/kind.ts'
import { addKindModel, type Components } from './openapi-schema.ts'
import { collectionPathOf } from './resource-endpoints.ts'
import { VERSION } from './system-endpoints.ts'

const queryParameter = (name: string, description: string) => ({
  name,
  in: 'query',
  description,
  schema: { type: 'string', uniqueItems: true },
})

const PRETTY = queryParameter('pretty', 'Indent the answer for people to read.')
/** kubectl looks for the last of these at PATCH, to know that it may leave validation to the server. */
const WRITE_PARAMETERS = [
  PRETTY,
  queryParameter('dryRun', 'All: do everything but the write itself.'),
  queryParameter('fieldManager', 'Who makes the change.'),
  queryParameter('fieldValidation', 'What to do about unknown and repeated fields: Ignore, Warn or Strict.'),
]
const LIST_PARAMETERS = [
  PRETTY,
  queryParameter('labelSelector', 'Only objects with these labels.'),
  queryParameter('fieldSelector', 'Only objects with these values of fields.'),
  queryParameter('limit', 'At most this many objects; the answer then has a token for the next ones.'),
  queryParameter('continue', 'The token of the next page.'),
  queryParameter('resourceVersion', 'The version that the answer is to show, or be newer than.'),
  queryParameter('resourceVersionMatch', 'How `resourceVersion` is meant: Exact or NotOlderThan.'),
  queryParameter('watch', 'Stream changes instead of listing.'),
]

const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
]

interface Action {
  verb: Verb
  method: string
  /** Upstream's word for the verb. */
  action: string
  parameters: readonly object[]
  bodyTypes?: readonly string[]
}

const COLLECTION_ACTIONS: readonly Action[] = [
  { verb: 'list', method: 'get', action: 'list', parameters: LIST_PARAMETERS },
  { verb: 'create', method: 'post', action: 'post', parameters: WRITE_PARAMETERS, bodyTypes: ['application/json'] },
  { verb: 'deletecollection', method: 'delete', action: 'deletecollection', parameters: LIST_PARAMETERS },
]
const OBJECT_ACTIONS: readonly Action[] = [
  { verb: 'get', method: 'get', action: 'get', parameters: [PRETTY] },
  { verb: 'update', method: 'put', action: 'put', parameters: WRITE_PARAMETERS, bodyTypes: ['application/json'] },
  { verb: 'patch', method: 'patch', action: 'patch', parameters: WRITE_PARAMETERS, bodyTypes: PATCH_TYPES },
  { verb: 'delete', method: 'delete', action: 'delete', parameters: WRITE_PARAMETERS },
]

function operation(kind: Kind, model: string, { action, parameters, bodyTypes }: Action) {
  const { group, version, kind: name } = kind
  const schema = { $ref: `#/components/schemas/${model}` }
  const content = (types: readonly string[]) => Object.fromEntries(types.map((type) => [type, { schema }]))
  return {
    tags: [`${group === '' ? 'core' : group.split('.')[0]}_${version}`],
    description: `${action} ${name}`,
    operationId: `${action}${group === '' ? 'Core' : ''}${version.toUpperCase()}${name}`,
    parameters,
    ...(bodyTypes !== undefined && { requestBody: { content: content(bodyTypes), required: true } }),
    responses: { '200': { description: 'OK', content: content(['application/json', 'application/yaml']) } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, version, kind: name },
  }
}

const PATH_PARAMETER = (name: string) => ({ name, in: 'path', required: true, schema: { type: 'string' } })

function pathItem(kind: Kind, model: string, { actions, isObject }: { actions: readonly Action[]; isObject: boolean }) {
  const verbs: readonly Verb[] = kind.verbs ?? ALL_VERBS
  const operations = actions
    .filter(({ verb }) => verbs.includes(verb))
    .map((action) => [action.method, operation(kind, model, action)])
  const names = [...(kind.namespaced ? ['namespace'] : []), ...(isObject ? ['name'] : [])]
  return { ...Object.fromEntries(operations), parameters: names.map(PATH_PARAMETER) }
}

/** The document of the kinds of one group and version. */
export function openApiDocument(kinds: readonly Kind[]): object {
  const schemas: Components = {}
  const paths: Record<string, object> = {}
  for (const kind of kinds) {
    const { group, version, kind: name, schema } = kind
    const extensions = { 'x-kubernetes-group-version-kind': [{ group, version, kind: name }] }
    const model = addKindModel(schema, extensions, schemas)
    const path = collectionPathOf(kind).replace(':namespace', '{namespace}')
    paths[path] = pathItem(kind, model, { actions: COLLECTION_ACTIONS, isObject: false })
    paths[`${path}/{name}`] = pathItem(kind, model, { actions: OBJECT_ACTIONS, isObject: true })
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: VERSION.gitVersion },
    paths,
    components: { schemas },
  }
}
