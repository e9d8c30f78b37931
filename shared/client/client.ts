/** The API as the components use it. Errors are ApiErrors; a lost connection is an ApiError of reason ServiceUnavailable. */
import type { Draft, KubeObject } from '../api/kind.ts'
import type { DeleteOptions, ListMeta } from '../api/meta.ts'
import type { Resource } from './resource.ts'

export interface ObjectKey {
  name: string
  /** Absent for cluster-scoped resources. */
  namespace?: string
}

export interface ListOptions {
  /** Default: all namespaces. */
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
  limit?: number
  continue?: string
  /** `0`: any version that the server has at hand. */
  resourceVersion?: string
  /** Objects with type and metadata alone, where the server can cut them down; the others whole. */
  metadataOnly?: boolean
}

export interface ObjectList<Object extends KubeObject> {
  metadata: ListMeta
  items: Object[]
}

export type WatchEvent<Object extends KubeObject> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: Object }
  | { type: 'BOOKMARK'; object: { metadata: { resourceVersion: string } } }

export interface WatchOptions extends Omit<ListOptions, 'limit' | 'continue'> {
  /** Changes after this version are delivered. */
  resourceVersion: string
  /** Ask for a bookmark now and then, which says up to which version nothing was missed. */
  allowWatchBookmarks?: boolean
  /** Called once, when the server has accepted the watch. */
  onOpen?(): void
}

export type PatchType = 'merge' | 'strategic' | 'json'

export interface WriteOptions {
  subresource?: 'status' | 'scale' | 'binding' | 'approval'
  /** Default: the client's user agent up to the first slash. */
  fieldManager?: string
}

export interface Client {
  get<Object extends KubeObject>(resource: Resource<Object>, key: ObjectKey): Promise<Object>
  list<Object extends KubeObject>(resource: Resource<Object>, options?: ListOptions): Promise<ObjectList<Object>>
  create<Object extends KubeObject>(resource: Resource<Object>, object: Draft<Object>): Promise<Object>
  update<Object extends KubeObject>(resource: Resource<Object>, object: Object, options?: WriteOptions): Promise<Object>
  patch<Object extends KubeObject>(
    resource: Resource<Object>,
    key: ObjectKey,
    patch: { type: PatchType; body: unknown } & WriteOptions,
  ): Promise<Object>
  delete(resource: Resource, key: ObjectKey, options?: DeleteOptions): Promise<void>
  /**
   * Changes after `resourceVersion`, in order. Ends when the server ends the watch or the signal aborts; an ERROR event
   * (410 Expired) is thrown as an ApiError.
   */
  watch<Object extends KubeObject>(
    resource: Resource<Object>,
    options: WatchOptions,
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent<Object>>
  /** Any request beside the resource verbs, e.g. `POST …/pods/x/binding`. Returns the decoded JSON body. */
  request(method: string, path: string, body?: unknown): Promise<unknown>
  close(): Promise<void>
}
