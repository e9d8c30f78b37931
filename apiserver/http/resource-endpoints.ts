/** The paths of a resource and of its status and scale, for every kind alike. */
import { apiVersionOf, type Decodable, type Kind, type KubeObject, type Verb } from '../../shared/api/kind.ts'
import { type Scale, scale as scaleKind } from '../../shared/api/scale.ts'
import type { CachedObject } from '../cache/cache.ts'
import { applyObject, applyScale } from '../registry/apply.ts'
import { createObject } from '../registry/create.ts'
import { deleteObject } from '../registry/delete.ts'
import { deleteCollection } from '../registry/delete-collection.ts'
import { getObject } from '../registry/get.ts'
import { listObjects } from '../registry/list.ts'
import { type ListQuery, parseFlag } from '../registry/list-options.ts'
import { patchObject } from '../registry/patch.ts'
import { type Part, STATUS, WHOLE } from '../registry/prepare-update.ts'
import type { Resource, Target } from '../registry/resource.ts'
import { getScale, setScale } from '../registry/scale.ts'
import { updateObject } from '../registry/update.ts'
import { decodeBody, deleteOptionsOf, writeOptionsOf } from './body.ts'
import type { Answer, ApiRequest, Endpoint, Handler, Method } from './exchange.ts'
import { one } from './exchange.ts'
import { isApply } from './field-manager.ts'
import { createListPieces } from './list-pieces.ts'
import { configurationOf, patchOf } from './patch-body.ts'
import { listAnswer, objectAnswer, representationFor, valueAnswer } from './render.ts'
import { successAnswer } from './status.ts'
import { watchAnswer } from './watch-answer.ts'
import { createObjectFrames } from './watch-frames.ts'

/** The object that a request's path names. */
export const targetOf = ({ namespace, name }: ApiRequest): Target => ({
  name: name!,
  ...(namespace !== undefined && { namespace }),
})

const listQueryOf = ({ query, namespace }: ApiRequest): ListQuery => ({
  ...(namespace !== undefined && { namespace }),
  labelSelector: one(query, 'labelSelector'),
  fieldSelector: one(query, 'fieldSelector'),
  limit: one(query, 'limit'),
  continue: one(query, 'continue'),
  resourceVersion: one(query, 'resourceVersion'),
  resourceVersionMatch: one(query, 'resourceVersionMatch'),
  sendInitialEvents: one(query, 'sendInitialEvents'),
})

const show = (
  { kind, clock }: Resource,
  cached: CachedObject,
  options: { request: ApiRequest; status?: number; warnings?: readonly string[] },
): Promise<Answer> =>
  objectAnswer(kind, cached, {
    ...options,
    representation: representationFor(options.request),
    nowMs: clock.nowMs(),
  })

/** Shows an object that the request has created, with what is to be told of it beside what was found in its fields. */
const showCreated = (
  resource: Resource,
  cached: CachedObject,
  { request, warnings }: { request: ApiRequest; warnings: readonly string[] },
): Promise<Answer> =>
  show(resource, cached, {
    request,
    status: 201,
    warnings: [...warnings, ...(resource.kind.warningsOnCreate?.(cached.object) ?? [])],
  })

function collectionHandlers(resource: Resource): Record<'get' | 'create' | 'deletecollection', Handler> {
  const { kind, clock } = resource
  const objectFrames = createObjectFrames()
  const listPieces = createListPieces()
  return {
    async get(request) {
      const query = listQueryOf(request)
      if (parseFlag(one(request.query, 'watch'))) return watchAnswer(resource, query, { request, objectFrames })
      const representation = representationFor(request)
      const page = await listObjects(resource, query)
      return listAnswer(kind, page, { request, representation, listPieces, nowMs: clock.nowMs() })
    },
    async create(request) {
      representationFor(request)
      const write = writeOptionsOf(request, 'CreateOptions')
      const { object, warnings } = await decodeBody(request, kind)
      const { namespace } = request
      const created = await createObject(resource, object as KubeObject, {
        ...write,
        ...(namespace !== undefined && { namespace }),
      })
      return showCreated(resource, created, { request, warnings })
    },
    async deletecollection(request) {
      const representation = representationFor(request)
      const page = await deleteCollection(resource, listQueryOf(request), await deleteOptionsOf(request))
      return listAnswer(kind, page, { request, representation, listPieces, nowMs: clock.nowMs() })
    },
  }
}

/** Reading and writing an object, or one part of it. */
export function partHandlers(resource: Resource, part: Part): Record<'get' | 'update' | 'patch', Handler> {
  const { kind } = resource
  const { subresource } = part
  return {
    async get(request) {
      const resourceVersion = one(request.query, 'resourceVersion')
      const found = await getObject(resource, targetOf(request), {
        ...(resourceVersion !== undefined && { resourceVersion }),
        ...(subresource !== undefined && { subresource }),
      })
      return show(resource, found, { request })
    },
    async update(request) {
      representationFor(request)
      const write = writeOptionsOf(request, 'UpdateOptions')
      const { object, warnings } = await decodeBody(request, kind)
      const updated = await updateObject(resource, targetOf(request), { ...write, object: object as KubeObject, part })
      return updated.isCreated
        ? showCreated(resource, updated.object, { request, warnings })
        : show(resource, updated.object, { request, warnings })
    },
    async patch(request) {
      representationFor(request)
      const write = writeOptionsOf(request, 'PatchOptions')
      if (isApply(request)) {
        const { warnings, ...body } = await configurationOf(request, kind)
        const { object, isCreated } = await applyObject(resource, targetOf(request), { ...write, ...body, part })
        return isCreated
          ? showCreated(resource, object, { request, warnings })
          : show(resource, object, { request, warnings })
      }
      const patch = patchOf(request, kind)
      const patched = await patchObject(resource, targetOf(request), { ...write, part, apply: patch.apply })
      return show(resource, patched, { request, warnings: patch.warnings() })
    },
  }
}

const deleteHandler =
  (resource: Resource): Handler =>
  async (request) => {
    representationFor(request)
    const write = await deleteOptionsOf(request)
    const { object, isRemoved } = await deleteObject(resource, targetOf(request), write)
    const { orphanDependents, propagationPolicy } = write.options
    // Upstream says 202 only to those who asked for a deletion that takes its time.
    const isAccepted = !isRemoved && (orphanDependents === false || propagationPolicy === 'Foreground')
    const status = isAccepted ? 202 : 200
    if (!isRemoved || resource.kind.returnsDeleted) return show(resource, object, { request, status })
    const { group, plural } = resource.kind
    const { name, uid } = object.object.metadata
    return successAnswer(status, { name, ...(group !== '' && { group }), kind: plural, uid })
  }

function scaleHandlers(resource: Resource): Record<'get' | 'update' | 'patch', Handler> {
  return {
    get: async (request) => valueAnswer(request, await getScale(resource, targetOf(request))),
    async update(request) {
      const write = writeOptionsOf(request, 'UpdateOptions')
      const { object, warnings } = await decodeBody(request, scaleKind)
      const written = await setScale(resource, targetOf(request), { ...write, make: () => object })
      return valueAnswer(request, written, { warnings })
    },
    async patch(request) {
      const write = writeOptionsOf(request, 'PatchOptions')
      if (isApply(request)) {
        const { warnings, ...body } = await configurationOf(request, scaleKind as Decodable)
        return valueAnswer(request, await applyScale(resource, targetOf(request), { ...write, ...body }), { warnings })
      }
      const patch = patchOf<Scale>(request, scaleKind)
      const written = await setScale(resource, targetOf(request), { ...write, make: patch.apply })
      return valueAnswer(request, written, { warnings: patch.warnings() })
    },
  }
}

/** The root of a group's paths: `/api/v1`, `/apis/apps/v1`. */
export const rootOf = (kind: Pick<Kind, 'group' | 'version'>): string =>
  `${kind.group === '' ? '/api' : '/apis'}/${apiVersionOf(kind)}`

/** Where a kind's collection is, inside a namespace if it has one. */
export const collectionPathOf = (kind: Pick<Kind, 'group' | 'version' | 'plural' | 'namespaced'>): string =>
  `${rootOf(kind)}${kind.namespaced ? '/namespaces/:namespace' : ''}/${kind.plural}`

/** All endpoints of one resource, but for what its kind alone has. */
export function resourceEndpoints(resource: Resource): Endpoint[] {
  const { kind } = resource
  const allows = (verb: Verb) => kind.verbs === undefined || kind.verbs.includes(verb)
  const only = (handlers: [Verb, Method, Handler][]) =>
    Object.fromEntries(handlers.filter(([verb]) => allows(verb)).map(([, method, handler]) => [method, handler]))
  const collection = collectionHandlers(resource)
  const whole = partHandlers(resource, WHOLE)
  const path = collectionPathOf(kind)
  const id = { group: kind.group, plural: kind.plural }
  const endpoints: Endpoint[] = [
    {
      path,
      resource: id,
      handlers: only([
        ['list', 'GET', collection.get],
        ['create', 'POST', collection.create],
        ['deletecollection', 'DELETE', collection.deletecollection],
      ]),
    },
    {
      path: `${path}/:name`,
      resource: id,
      handlers: only([
        ['get', 'GET', whole.get],
        ['update', 'PUT', whole.update],
        ['patch', 'PATCH', whole.patch],
        ['delete', 'DELETE', deleteHandler(resource)],
      ]),
    },
  ]
  if (kind.namespaced)
    endpoints.push({ path: `${rootOf(kind)}/${kind.plural}`, resource: id, handlers: { GET: collection.get } })
  const subresource = (name: string, { get, update, patch }: Record<'get' | 'update' | 'patch', Handler>) =>
    endpoints.push({
      path: `${path}/:name/${name}`,
      resource: { ...id, subresource: name },
      handlers: { GET: get, PUT: update, PATCH: patch },
    })
  if (kind.hasStatus) subresource('status', partHandlers(resource, STATUS))
  if (kind.scale !== undefined) subresource('scale', scaleHandlers(resource))
  return endpoints
}
