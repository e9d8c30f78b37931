/** How objects and lists become answers, in the representation that the client asked for. */
import type { Kind } from '../../shared/api/kind.ts'
import { notAcceptable } from '../../shared/errors.ts'
import type { CachedObject } from '../cache/cache.ts'
import { withNewline } from '../codec/encode.ts'
import type { ListPage } from '../registry/list.ts'
import { type ApiRequest, type Body, JSON_TYPE, one, type Pieces, type PlainAnswer } from './exchange.ts'
import { type ListPieces, textPieces } from './list-pieces.ts'
import { chooseRepresentation, type Representation } from './negotiate.ts'
import { isForPeople } from './readers.ts'
import { parseIncludeObject, partialObject, renderTable, tableTexts } from './table.ts'

const YAML_TYPE = 'application/yaml'

/** What the client wants to see. Throws NotAcceptable. */
export function representationFor(request: ApiRequest, options = { transforms: true }): Representation {
  const found = chooseRepresentation(request.accept, options)
  if (found === undefined) throw notAcceptable()
  return found
}

const isText = (json: Buffer | string | Pieces): json is Buffer | string =>
  typeof json === 'string' || Buffer.isBuffer(json)

/** All of a JSON text at once, for those who want it in another form. */
function whole(json: Body): string {
  if (isText(json)) return json.toString()
  const decoder = new TextDecoder()
  let text = ''
  for (const piece of json) text += decoder.decode(piece, { stream: true })
  return text
}

/** A JSON text as the client wants it: as it is, indented, or as YAML. Bytes and pieces come with their closing newline. */
async function formatted(
  request: ApiRequest,
  json: Body,
  format: 'json' | 'yaml',
): Promise<Pick<PlainAnswer, 'contentType' | 'body'>> {
  if (format === 'yaml') {
    // Loaded when first asked for: hardly any client reads YAML.
    const { stringify } = await import('yaml')
    return { contentType: YAML_TYPE, body: stringify(JSON.parse(whole(json))) }
  }
  if (isForPeople(request)) {
    return { contentType: JSON_TYPE, body: `${JSON.stringify(JSON.parse(whole(json)), null, 2)}\n` }
  }
  return { contentType: JSON_TYPE, body: typeof json === 'string' ? `${json}\n` : json }
}

function objectJson(kind: Kind, cached: CachedObject, options: RenderOptions): Buffer | string {
  const { representation, request, nowMs } = options
  switch (representation.as) {
    case undefined:
      return withNewline(cached.json)
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

/** A list of metadata alone, text by text. */
function* partialListTexts(page: ListPage, version: 'v1' | 'v1beta1'): Generator<string> {
  const metadata = JSON.stringify(listMetadata(page))
  yield `{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/${version}","metadata":${metadata},"items":[`
  for (const [index, cached] of page.items.entries()) yield `${index > 0 ? ',' : ''}${partialObject(cached, version)}`
  yield ']}\n'
}

interface ListRenderOptions extends RenderOptions {
  listPieces: ListPieces
}

function listJson(kind: Kind, page: ListPage, options: ListRenderOptions): Pieces {
  const { representation, request, nowMs, listPieces } = options
  const { as, version } = representation
  switch (as) {
    case undefined:
      return listPieces(kind, page.items, listMetadata(page))
    case 'Table': {
      const includeObject = parseIncludeObject(one(request.query, 'includeObject'))
      return textPieces(tableTexts(kind, page.items, { metadata: listMetadata(page), includeObject, version, nowMs }))
    }
    case 'PartialObjectMetadataList':
      return textPieces(partialListTexts(page, version))
    case 'PartialObjectMetadata':
      throw notAcceptable()
  }
}

/** The answer that shows one page of a list. */
export async function listAnswer(kind: Kind, page: ListPage, options: ListRenderOptions): Promise<PlainAnswer> {
  const body = await formatted(options.request, listJson(kind, page, options), options.representation.format)
  return { status: 200, ...body }
}
