/** `/openapi/v3`: which documents there are, and the documents, made when they are first asked for; and `/openapi/v2`. */
import { createHash } from 'node:crypto'
import type { Kind } from '../../shared/api/kind.ts'
import { notAcceptable } from '../../shared/errors.ts'
import { groupVersions } from './discovery.ts'
import { type ApiRequest, type Endpoint, JSON_TYPE, type PlainAnswer } from './exchange.ts'
import { chooseRepresentation } from './negotiate.ts'
import { openApiDocument } from './openapi-document.ts'
import { rootOf } from './resource-endpoints.ts'
import { VERSION } from './system-endpoints.ts'

interface Document {
  body: Buffer
  hash: string
}

function documentOf(value: object): Document {
  const body = Buffer.from(JSON.stringify(value))
  return { body, hash: createHash('sha256').update(body).digest('hex').slice(0, 32).toUpperCase() }
}

function documentAnswer({ accept, headers }: ApiRequest, { body, hash }: Document): PlainAnswer {
  if (chooseRepresentation(accept, { transforms: false })?.format !== 'json') throw notAcceptable()
  const etag = `"${hash}"`
  const isKnown = headers['if-none-match'] === etag
  return { status: isKnown ? 304 : 200, contentType: JSON_TYPE, body: isKnown ? '' : body, headers: { etag } }
}

const V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'
/** The same as older clients ask for it. It is no media type, since it has an `@`, so it is never answered. */
const V2_PROTOBUF_OLD = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'

/** A protobuf field that holds bytes. */
const protobufField = (number: number, value: Buffer) =>
  Buffer.concat([Buffer.from([(number << 3) | 2, value.length]), value])

/**
 * OpenAPI 2 without a path or a model. kubectl up to 1.28 reads a document before it creates anything, and then, having
 * seen at `/openapi/v3` that the server validates, does not look into it.
 */
function openApi2Answer({ accept }: ApiRequest): PlainAnswer {
  const { title, version } = { title: 'Kubernetes', version: VERSION.gitVersion }
  if (accept.some(({ type }) => type === V2_PROTOBUF || type === V2_PROTOBUF_OLD)) {
    const info = [protobufField(1, Buffer.from(title)), protobufField(2, Buffer.from(version))]
    const body = Buffer.concat([protobufField(1, Buffer.from('2.0')), protobufField(2, Buffer.concat(info))])
    return { status: 200, contentType: V2_PROTOBUF, body }
  }
  if (chooseRepresentation(accept, { transforms: false })?.format !== 'json') throw notAcceptable()
  return {
    status: 200,
    contentType: JSON_TYPE,
    body: JSON.stringify({ swagger: '2.0', info: { title, version }, paths: {} }),
  }
}

export function openApiEndpoints(kinds: readonly Kind[]): Endpoint[] {
  const served = groupVersions(kinds).map((group) => ({ path: rootOf(group), kinds: group.kinds }))
  const made = new Map<string, Document>()
  const documentAt = ({ path, kinds: members }: (typeof served)[number]): Document => {
    const found = made.get(path) ?? documentOf(openApiDocument(members))
    made.set(path, found)
    return found
  }
  const root = () => {
    const paths = served.map((group) => {
      const serverRelativeURL = `/openapi/v3${group.path}?hash=${documentAt(group).hash}`
      return [group.path.slice(1), { serverRelativeURL }]
    })
    return documentOf({ paths: Object.fromEntries(paths) })
  }
  return [
    { path: '/openapi/v2', handlers: { GET: openApi2Answer } },
    { path: '/openapi/v3', handlers: { GET: (request) => documentAnswer(request, root()) } },
    ...served.map(
      (group): Endpoint => ({
        path: `/openapi/v3${group.path}`,
        handlers: { GET: (request) => documentAnswer(request, documentAt(group)) },
      }),
    ),
  ]
}
