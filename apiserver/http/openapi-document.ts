/** The OpenAPI 3 document of one group and version. Pure. */
import { deleteOptions } from '../../shared/api/delete-options.ts'
import { ALL_VERBS, apiVersionOf, type Kind, type Verb } from '../../shared/api/kind.ts'
import { scale } from '../../shared/api/scale.ts'
import { listMeta, patch, status } from './openapi-models.ts'
import {
  type Action,
  type BodyRole,
  COLLECTION_ACTIONS,
  EVERYWHERE_ACTIONS,
  groupWord,
  JSON_TYPES,
  OBJECT_ACTIONS,
  operationId,
  PART_ACTIONS,
} from './openapi-operations.ts'
import { addBodyModel, addKindModel, type Components } from './openapi-schema.ts'
import { collectionPathOf, rootOf } from './resource-endpoints.ts'
import { VERSION } from './system-endpoints.ts'

type Identity = Pick<Kind, 'group' | 'version' | 'kind'>

/** The schema of a body, by what it is. */
type Bodies = Record<BodyRole, object>

export interface OpenApiDocument {
  openapi: string
  info: { title: string; version: string }
  paths: Record<string, object>
  components: { schemas: Components }
}

export const INFO = { title: 'Kubernetes', version: VERSION.gitVersion } as const

const refTo = (model: string) => ({ $ref: `#/components/schemas/${model}` })

const identified = ({ group, version, kind }: Identity) => ({
  'x-kubernetes-group-version-kind': [{ group, version, kind }],
})

const contentOf = (types: readonly string[], schema: object) =>
  Object.fromEntries(types.map((type) => [type, { schema }]))

interface Place {
  path: string
  actions: readonly Action[]
  bodies: Bodies
  /** What is read and written here: a kind's objects, or their scale. */
  shows: Identity
  isEverywhere?: boolean
  part?: string
}

function operation(kind: Kind, action: Action, { bodies, shows, isEverywhere = false, part }: Place) {
  const { group, version } = kind
  const { body, bodyTypes = JSON_TYPES, answer, parameters } = action
  return {
    tags: [`${groupWord(group)}_${version}`],
    description: `${action.describe(kind.kind)}${part === undefined ? '' : ` Only its ${part}.`}`,
    operationId: operationId(kind, action, { isEverywhere, ...(part !== undefined && { part }) }),
    parameters,
    ...(body !== undefined && {
      requestBody: { content: contentOf(bodyTypes, bodies[body]), ...(body !== 'deleteOptions' && { required: true }) },
    }),
    responses: {
      '200': { description: 'OK', content: contentOf(JSON_TYPES, bodies[answer]) },
      ...(action.method === 'post' && {
        '201': { description: 'Created', content: contentOf(JSON_TYPES, bodies[answer]) },
      }),
    },
    'x-kubernetes-action': action.action,
    'x-kubernetes-group-version-kind': { group: shows.group, version: shows.version, kind: shows.kind },
  }
}

const PATH_PARAMETERS: Readonly<Record<string, string>> = {
  namespace: 'Namespace of the object.',
  name: 'Name of the object.',
}

function pathItem(kind: Kind, place: Place) {
  const verbs: readonly Verb[] = kind.verbs ?? ALL_VERBS
  const operations = place.actions
    .filter(({ verb }) => verbs.includes(verb))
    .map((action) => [action.method, operation(kind, action, place)])
  const parameters = [...place.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    description: PATH_PARAMETERS[name!],
    schema: { type: 'string', uniqueItems: true },
  }))
  return { ...Object.fromEntries(operations), parameters }
}

/** Adds the model of lists of a kind; returns its name. */
function addListModel({ group, version, kind }: Kind, model: string, components: Components): string {
  const name = `${model}List`
  components[name] = {
    type: 'object',
    description: `A list of objects of kind ${kind}.`,
    required: ['items'],
    properties: {
      apiVersion: { type: 'string', description: 'API group and version of this representation.' },
      kind: { type: 'string', description: `${kind}List.` },
      metadata: {
        description: 'What is said about the list as a whole.',
        allOf: [refTo(addBodyModel(listMeta, components))],
      },
      items: { type: 'array', description: 'The objects.', items: refTo(model) },
    },
    ...identified({ group, version, kind: `${kind}List` }),
  }
  return name
}

function placesOf(kind: Kind, schemas: Components): Place[] {
  const model = addKindModel(kind.schema, identified(kind), schemas)
  const bodies: Bodies = {
    object: refTo(model),
    list: refTo(addListModel(kind, model, schemas)),
    status: refTo(addBodyModel(status, schemas)),
    deleteOptions: refTo(addBodyModel(deleteOptions.schema, schemas)),
    patch,
  }
  const path = collectionPathOf(kind).replace(':namespace', '{namespace}')
  const place = { path: `${path}/{name}`, bodies, shows: kind }
  const places: Place[] = [
    { ...place, path, actions: COLLECTION_ACTIONS },
    { ...place, actions: OBJECT_ACTIONS },
  ]
  if (kind.namespaced) {
    const everywhere = `${rootOf(kind)}/${kind.plural}`
    places.push({ ...place, path: everywhere, actions: EVERYWHERE_ACTIONS, isEverywhere: true })
  }
  if (kind.hasStatus) places.push({ ...place, path: `${place.path}/status`, actions: PART_ACTIONS, part: 'status' })
  if (kind.scale !== undefined) {
    const scaled = { ...bodies, object: refTo(addKindModel(scale.schema, identified(scale), schemas)) }
    const actions = PART_ACTIONS
    places.push({ path: `${place.path}/scale`, actions, bodies: scaled, shows: scale, part: 'scale' })
  }
  return places
}

/** The document of the kinds of one group and version. */
export function openApiDocument(kinds: readonly Kind[]): OpenApiDocument {
  const schemas: Components = {}
  const paths: Record<string, object> = {}
  for (const kind of kinds) {
    for (const place of placesOf(kind, schemas)) paths[place.path] = pathItem(kind, place)
  }
  return { openapi: '3.0.0', info: INFO, paths, components: { schemas } }
}

/** `/api/v1` or `/apis/apps/v1`, without the slash: how the index names the document of a kind. */
export const documentNameOf = (kind: Pick<Kind, 'group' | 'version'>): string =>
  `${kind.group === '' ? 'api' : 'apis'}/${apiVersionOf(kind)}`
