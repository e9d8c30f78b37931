/**
 * The form in which objects are stored, and how it becomes what clients see. A stored object begins with kind,
 * apiVersion and metadata, in this order and without its resourceVersion, so its first characters are the same for
 * every object of a kind. Thus the version, which only the store knows, is put in place without parsing.
 */
import { apiVersionOf, type Kind, type KubeObject } from '../../shared/api/kind.ts'

type Named = Pick<Kind, 'group' | 'version' | 'kind'>

const headOf = (kind: Named) => `{"kind":${JSON.stringify(kind.kind)},"apiVersion":"${apiVersionOf(kind)}","metadata":{`

/** The JSON to store for an object. The object must have a name, as every stored object has. */
export function encodeStored({ kind, apiVersion, metadata, ...rest }: KubeObject): string {
  // The longest and least read part of metadata comes last, as upstream has it.
  const { managedFields, ...first } = metadata
  return JSON.stringify({
    kind,
    apiVersion,
    metadata: { ...first, resourceVersion: undefined, managedFields },
    ...rest,
  })
}

/** A JSON text in UTF-8. The byte behind it in memory is a newline, so that `withNewline` need not copy it. */
export const jsonBytes = (json: string): Buffer => Buffer.from(`${json}\n`).subarray(0, -1)

/** What `jsonBytes` has made, with its newline. */
export function withNewline(json: Buffer): Buffer {
  const line = Buffer.from(json.buffer, json.byteOffset, json.length + 1)
  if (line[json.length] !== 0x0a) throw new Error('bytes that were not made by jsonBytes')
  return line
}

/** The bytes that clients are sent for an object stored as of `revision`. */
export function withRevision(stored: string, kind: Named, revision: number): Buffer {
  const head = headOf(kind)
  if (!stored.startsWith(head)) throw new Error(`not a stored ${kind.kind}: ${stored.slice(0, head.length)}`)
  return jsonBytes(`${head}"resourceVersion":"${revision}",${stored.slice(head.length)}`)
}

/** The object of a stored JSON, with `revision` as its resourceVersion. */
export function decodeStored<Object extends KubeObject = KubeObject>(stored: string, revision: number): Object {
  const object = JSON.parse(stored) as Object
  object.metadata.resourceVersion = String(revision)
  return object
}
