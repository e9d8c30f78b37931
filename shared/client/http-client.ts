import type { Draft, KubeObject } from '../api/kind.ts'
import { unavailable } from '../errors.ts'
import type { Client, ListOptions, ObjectKey, ObjectList, PatchType, WatchOptions, WriteOptions } from './client.ts'
import type { Connection } from './connection.ts'
import { readKubeconfig } from './kubeconfig.ts'
import { apiVersionOf, pathOf, type Resource } from './resource.ts'
import { errorFromResponse } from './status-error.ts'
import { type HttpRequest, type StreamHandler, Transport, type TransportOptions } from './transport.ts'
import { watchEvents } from './watch-stream.ts'

export type { Connection } from './connection.ts'

export type ClientOptions = {
  /** `NAME/VERSION`; what stands before the slash is the field manager of the client's writes. */
  userAgent: string
  /** Requests under way at once; more wait their turn. Default: 32. */
  connectionsMax?: number
  /** Default: 30 s. */
  requestTimeoutMs?: number
  /** A watch that brings nothing, not even a bookmark, for this long is taken for dead. Default: 3 minutes. */
  watchIdleTimeoutMs?: number
} & ({ connection: Connection } | { /** File to read the connection from. */ kubeconfig: string })

const PATCH_CONTENT_TYPES: Readonly<Record<PatchType, string>> = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
}
const JSON_TYPE = 'application/json'
/** Asks for nothing but metadata; a server that cannot cut an object down sends it whole. */
const METADATA_ONLY = `${JSON_TYPE};as=PartialObjectMetadata;g=meta.k8s.io;v=v1,${JSON_TYPE}`
const METADATA_LIST_ONLY = `${JSON_TYPE};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,${JSON_TYPE}`
const FAILURES_FROM = 400

/** `?a=b&c=d` of the parameters that have a value; empty without any. */
function query(parameters: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== '') search.set(name, String(value))
  }
  return search.size === 0 ? '' : `?${search}`
}

const selection = ({ labelSelector, fieldSelector, resourceVersion }: Omit<ListOptions, 'limit' | 'continue'>) => ({
  labelSelector,
  fieldSelector,
  resourceVersion,
})

const writeQuery = ({ fieldManager }: WriteOptions) => query({ fieldManager })

const keyOf = ({ metadata: { name, namespace } }: KubeObject): ObjectKey => ({
  name,
  ...(namespace !== undefined && { namespace }),
})

/** A client that can go on with other credentials. */
export interface RenewableClient extends Client {
  /** Uses another connection from now on. What is under way on the old one fails, as when the server is lost for a moment. */
  reconnect(connection: Connection): Promise<void>
}

/** A client of one API server. Making it reads the kubeconfig but opens no connection. Throws a KubeconfigError. */
export function createClient(options: ClientOptions): RenewableClient {
  const connection = 'connection' in options ? options.connection : readKubeconfig(options.kubeconfig)
  const { userAgent, connectionsMax = 32, requestTimeoutMs = 30_000, watchIdleTimeoutMs = 180_000 } = options
  const transportOptions: TransportOptions = {
    connection,
    userAgent,
    connectionsMax,
    requestTimeoutMs,
    watchIdleTimeoutMs,
  }
  let transport = new Transport(transportOptions)

  async function send(request: HttpRequest): Promise<unknown> {
    const { status, body } = await transport.exchange(request)
    if (status >= FAILURES_FROM) throw errorFromResponse(status, body)
    if (body.length === 0) return undefined
    try {
      return JSON.parse(body.toString('utf8'))
    } catch (cause) {
      const error = unavailable(`${connection.server} answered ${request.method} ${request.path} with broken JSON`)
      error.cause = cause
      throw error
    }
  }

  const sendBody = (method: string, path: string, body: unknown, contentType = JSON_TYPE) =>
    send({ method, path, body: JSON.stringify(body), contentType })

  return {
    get: async <Object extends KubeObject>(resource: Resource<Object>, key: ObjectKey) =>
      (await send({ method: 'GET', path: pathOf(resource, key) })) as Object,

    async list<Object extends KubeObject>(resource: Resource<Object>, options: ListOptions = {}) {
      const parameters = query({ ...selection(options), limit: options.limit, continue: options.continue })
      const accept = options.metadataOnly === true ? METADATA_LIST_ONLY : JSON_TYPE
      const path = `${pathOf(resource, scopeOf(options))}${parameters}`
      const answer = (await send({ method: 'GET', path, accept })) as ObjectList<Object>
      const { kind } = resource
      const apiVersion = apiVersionOf(resource)
      // Upstream's servers leave the type out of a list's items, where it goes without saying.
      for (const item of answer.items) {
        item.kind ??= kind
        item.apiVersion ??= apiVersion
      }
      return answer
    },

    create: async <Object extends KubeObject>(resource: Resource<Object>, object: Draft<Object>) =>
      (await sendBody('POST', pathOf(resource, namespaceOf(object.metadata)), object)) as Object,

    update: async <Object extends KubeObject>(
      resource: Resource<Object>,
      object: Object,
      { subresource, ...options }: WriteOptions = {},
    ) =>
      (await sendBody(
        'PUT',
        `${pathOf(resource, { ...keyOf(object), ...(subresource !== undefined && { subresource }) })}${writeQuery(options)}`,
        object,
      )) as Object,

    patch: async <Object extends KubeObject>(
      resource: Resource<Object>,
      key: ObjectKey,
      { type, body, subresource, ...options }: { type: PatchType; body: unknown } & WriteOptions,
    ) =>
      (await sendBody(
        'PATCH',
        `${pathOf(resource, { ...key, ...(subresource !== undefined && { subresource }) })}${writeQuery(options)}`,
        body,
        PATCH_CONTENT_TYPES[type],
      )) as Object,

    async delete(resource, key, options) {
      const path = pathOf(resource, key)
      if (options === undefined) await send({ method: 'DELETE', path })
      else await sendBody('DELETE', path, { apiVersion: 'v1', kind: 'DeleteOptions', ...options })
    },

    watch<Object extends KubeObject>(resource: Resource<Object>, options: WatchOptions, signal: AbortSignal) {
      const { allowWatchBookmarks, metadataOnly, onOpen } = options
      const parameters = query({ watch: true, ...selection(options), allowWatchBookmarks })
      const accept = metadataOnly === true ? METADATA_ONLY : JSON_TYPE
      const path = `${pathOf(resource, scopeOf(options))}${parameters}`
      const open = (handler: StreamHandler) => transport.stream({ method: 'GET', path, accept }, handler)
      return watchEvents<Object>(open, { signal, ...(onOpen !== undefined && { onOpen }) })
    },

    request: (method, path, body) =>
      body === undefined ? send({ method, path }) : sendBody(method, path, body, contentTypeOf(method)),

    async reconnect(renewed) {
      const old = transport
      transport = new Transport({ ...transportOptions, connection: renewed })
      await old.close()
    },

    close: () => transport.close(),
  }
}

const namespaceOf = ({ namespace }: { namespace?: string }) => (namespace === undefined ? {} : { namespace })
const scopeOf = (options: ListOptions) => namespaceOf(options)
const contentTypeOf = (method: string) => (method === 'PATCH' ? PATCH_CONTENT_TYPES.merge : JSON_TYPE)
