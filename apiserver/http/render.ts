/** How objects and lists become answers, in the representation that the client asked for. */
import { apiVersionOf, type Kind } from '../../shared/api/kind.ts'
import { notAcceptable } from '../../shared/errors.ts'
import type { CachedObject } from '../cache/cache.ts'
import type { ListPage } from '../registry/list.ts'
import { type ApiRequest, JSON_TYPE, one, type PlainAnswer } from './exchange.ts'
import { chooseRepresentation, type Representation } from './negotiate.ts'
import { isForPeople } from './readers.ts'
import { parseIncludeObject, partialObject, renderTable } from './table.ts'

const YAML_TYPE = 'application/yaml'
const NEWLINE = Buffer.from('\n')
const COMMA = Buffer.from(',')
const LIST_END = Buffer.from(']}\n')

/** What the client wants to see. Throws NotAcceptable. */
export function representationFor(request: ApiRequest, options = { transforms: true }): Representation {
  const found = chooseRepresentation(request.accept, options)
  if (found === undefined) throw notAcceptable()
  return found
}

/** A JSON text as the client wants it: as it is, indented, or as YAML. Bytes come with their closing newline, lists are large. */
async function formatted(
  request: ApiRequest,
  json: Buffer | string,
  format: 'json' | 'yaml',
): Promise<Pick<PlainAnswer, 'contentType' | 'body'>> {
  if (format === 'yaml') {
    // Loaded when first asked for: hardly any client reads YAML.
    const { stringify } = await import('yaml')
    return { contentType: YAML_TYPE, body: stringify(JSON.parse(json.toString())) }
  }
  if (isForPeople(request)) {
    return { contentType: JSON_TYPE, body: `${JSON.stringify(JSON.parse(json.toString()), null, 2)}\n` }
  }
  return { contentType: JSON_TYPE, body: typeof json === 'string' ? `${json}\n` : json }
}

function objectJson(kind: Kind, cached: CachedObject, options: RenderOptions): Buffer | string {
  const { representation, request, nowMs } = options
  switch (representation.as) {
    case undefined:
      return Buffer.concat([cached.json, NEWLINE])
    case 'Table': {
      const metadata = { resourceVersion: cached.object.metadata.resourceVersion }
      const includeObject = parseIncludeObject(one(request.query, 'includeObject'))
      return renderTable(kind, [cached], { metadata, includeObject, version: representation.version, nowMs })
    }
    case 'PartialObjectMetadata':
      return partialObject(cached, representation.version)
    case 'PartialObjectMetadataList':
      throw notAcceptable()
  }
}

interface RenderOptions {
  request: ApiRequest
  representation: Representation
  nowMs: number
}

/** The answer that shows one object. */
export async function objectAnswer(
  kind: Kind,
  cached: CachedObject,
  { status = 200, warnings, ...options }: RenderOptions & { status?: number; warnings?: readonly string[] },
): Promise<PlainAnswer> {
  const body = await formatted(options.request, objectJson(kind, cached, options), options.representation.format)
  return { status, ...body, ...(warnings !== undefined && { warnings }) }
}

/** The answer that shows a value that is no stored object, such as a Scale. */
export async function valueAnswer(
  request: ApiRequest,
  value: unknown,
  { status = 200, warnings }: { status?: number; warnings?: readonly string[] } = {},
): Promise<PlainAnswer> {
  const { format } = representationFor(request, { transforms: false })
  return {
    status,
    ...(await formatted(request, JSON.stringify(value), format)),
    ...(warnings !== undefined && { warnings }),
  }
}

const listMetadata = ({ revision, continue: token, remaining }: ListPage) => ({
  resourceVersion: String(revision),
  ...(token !== undefined && { continue: token }),
  ...(remaining !== undefined && { remainingItemCount: remaining }),
})

/** A list's JSON: its objects' bytes as the cache holds them, with commas between. */
function joined(kind: Kind, page: ListPage): Buffer {
  const metadata = JSON.stringify(listMetadata(page))
  const head = `{"kind":"${kind.kind}List","apiVersion":"${apiVersionOf(kind)}","metadata":${metadata},"items":[`
  const parts: Buffer[] = [Buffer.from(head)]
  for (const { json } of page.items) parts.push(json, COMMA)
  if (page.items.length > 0) parts.pop()
  parts.push(LIST_END)
  return Buffer.concat(parts)
}

function listJson(kind: Kind, page: ListPage, { representation, request, nowMs }: RenderOptions): Buffer | string {
  const { as, version } = representation
  switch (as) {
    case undefined:
      return joined(kind, page)
    case 'Table': {
      const includeObject = parseIncludeObject(one(request.query, 'includeObject'))
      return renderTable(kind, page.items, { metadata: listMetadata(page), includeObject, version, nowMs })
    }
    case 'PartialObjectMetadataList': {
      const items = page.items.map((cached) => partialObject(cached, version)).join(',')
      const metadata = JSON.stringify(listMetadata(page))
      return `{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/${version}","metadata":${metadata},"items":[${items}]}`
    }
    case 'PartialObjectMetadata':
      throw notAcceptable()
  }
}

/** The answer that shows one page of a list. */
export async function listAnswer(kind: Kind, page: ListPage, options: RenderOptions): Promise<PlainAnswer> {
  const body = await formatted(options.request, listJson(kind, page, options), options.representation.format)
  return { status: 200, ...body }
}
