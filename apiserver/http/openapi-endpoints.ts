/**
 * `/openapi/v3`: which documents there are, and the documents; and `/openapi/v2`. Each is made when it is first asked
 * for, and again only when the kinds in it have changed.
 */
import { createHash } from 'node:crypto'
import type { Kind } from '../../shared/api/kind.ts'
import type { Clock } from '../../shared/clock.ts'
import { notAcceptable } from '../../shared/errors.ts'
import { groupVersions } from './discovery.ts'
import { type ApiRequest, type Endpoint, JSON_TYPE, one, type PlainAnswer } from './exchange.ts'
import { chooseRepresentation } from './negotiate.ts'
import { documentNameOf, INFO, type OpenApiDocument, openApiDocument } from './openapi-document.ts'
import { PAGE_NOT_FOUND } from './page-not-found.ts'
import { reviewKinds } from './review-endpoints.ts'

const ROOT = '/openapi/v3'
/** How long a document may be kept that is asked for by its hash, and so never changes. Upstream's figure. */
const KEPT_MS = 365 * 24 * 60 * 60 * 1000

interface Document {
  body: Buffer
  hash: string
}

function serialized(value: object): Document {
  const body = Buffer.from(JSON.stringify(value))
  return { body, hash: createHash('sha512').update(body).digest('hex').toUpperCase() }
}

/** Remembers what was made of the same kinds the last time. */
function remembering<Made>(make: (kinds: readonly Kind[]) => Made): (name: string, kinds: readonly Kind[]) => Made {
  const known = new Map<string, { kinds: readonly Kind[]; made: Made }>()
  return (name, kinds) => {
    const found = known.get(name)
    if (found?.kinds.length === kinds.length && found.kinds.every((kind, index) => kind === kinds[index]))
      return found.made
    const made = make(kinds)
    known.set(name, { kinds, made })
    return made
  }
}

function answer({ accept, headers }: ApiRequest, { body, hash }: Document, more = {}): PlainAnswer {
  if (chooseRepresentation(accept, { transforms: false })?.format !== 'json') throw notAcceptable()
  const etag = `"${hash}"`
  const isKnown = headers['if-none-match'] === etag
  return {
    status: isKnown ? 304 : 200,
    contentType: JSON_TYPE,
    body: isKnown ? '' : body,
    headers: { etag, vary: 'Accept', ...more },
  }
}

const movedTo = (location: string): PlainAnswer => ({
  status: 301,
  contentType: 'text/plain; charset=utf-8',
  body: '',
  headers: { location },
})

const V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'
/** The same as older clients ask for it. It is no media type, since it has an `@`, so it is never answered. */
const V2_PROTOBUF_OLD = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'

const wantsProtobuf = ({ accept }: ApiRequest) =>
  accept.some(({ type }) => type === V2_PROTOBUF || type === V2_PROTOBUF_OLD)

/** A protobuf field that holds bytes. */
const protobufField = (number: number, value: Buffer) =>
  Buffer.concat([Buffer.from([(number << 3) | 2, value.length]), value])

/**
 * OpenAPI 2 in protobuf, without a path or a model. kubectl up to 1.28 reads a document before it creates anything, and
 * then, having seen at `/openapi/v3` that the server validates, does not look into it.
 */
function openApi2Protobuf(): PlainAnswer {
  const info = [protobufField(1, Buffer.from(INFO.title)), protobufField(2, Buffer.from(INFO.version))]
  const body = Buffer.concat([protobufField(1, Buffer.from('2.0')), protobufField(2, Buffer.concat(info))])
  return { status: 200, contentType: V2_PROTOBUF, body }
}

/** The endpoints for the kinds that are served, which may come and go. */
export function openApiEndpoints(kinds: () => readonly Kind[], { clock }: { clock: Clock }): Endpoint[] {
  const groups = () =>
    groupVersions([...kinds(), ...reviewKinds]).map((group) => ({ name: documentNameOf(group), kinds: group.kinds }))
  const document = remembering<OpenApiDocument>(openApiDocument)
  const documentV3 = remembering((members) => serialized(openApiDocument(members)))
  const index = remembering(() => {
    const paths = groups().map(({ name, kinds: members }) => {
      const { hash } = documentV3(name, members)
      return [name, { serverRelativeURL: `${ROOT}/${name}?hash=${hash}` }]
    })
    return serialized({ paths: Object.fromEntries(paths) })
  })
  const documentV2 = remembering(async () => {
    // Loaded for the first client that asks: hardly any does.
    const { openApi2Document } = await import('./openapi-v2.ts')
    return serialized(openApi2Document(groups().map(({ name, kinds: members }) => document(name, members))))
  })

  function serveGroup(request: ApiRequest): PlainAnswer {
    const name = request.path.slice(ROOT.length + 1)
    const group = groups().find((candidate) => candidate.name === name)
    if (group === undefined) return PAGE_NOT_FOUND
    const found = documentV3(name, group.kinds)
    const wanted = one(request.query, 'hash')
    if (wanted === undefined) return answer(request, found)
    // What is asked for by a hash can be kept for ever, so it must be what the hash was made of.
    if (wanted !== found.hash) return movedTo(`${ROOT}/${name}?hash=${found.hash}`)
    const expires = new Date(clock.nowMs() + KEPT_MS).toUTCString()
    return answer(request, found, { 'cache-control': 'public, immutable', expires })
  }

  return [
    {
      path: '/openapi/v2',
      handlers: {
        GET: async (request) =>
          wantsProtobuf(request) ? openApi2Protobuf() : answer(request, await documentV2('v2', kinds())),
      },
    },
    { path: ROOT, handlers: { GET: (request) => answer(request, index('index', kinds())) } },
    { path: `${ROOT}/api/:version`, handlers: { GET: serveGroup } },
    { path: `${ROOT}/apis/:group/:version`, handlers: { GET: serveGroup } },
  ]
}
