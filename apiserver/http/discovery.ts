/** What the server has: groups, versions and resources, in the forms of all clients since 1.27. */
import { createHash } from 'node:crypto'
import { ALL_VERBS, apiVersionOf, type Kind } from '../../shared/api/kind.ts'
import { scale } from '../../shared/api/scale.ts'
import { withoutLastSlash } from './endpoint-table.ts'
import { type ApiRequest, type Endpoint, type Handler, JSON_TYPE } from './exchange.ts'
import { metricsKinds } from './metrics-api.ts'
import type { AcceptClause } from './negotiate.ts'
import { PAGE_NOT_FOUND } from './page-not-found.ts'
import { representationFor, valueAnswer } from './render.ts'
import { rootOf } from './resource-endpoints.ts'
import { reviewKinds } from './review-endpoints.ts'
import { type Subresource, subresources } from './subresources.ts'

/** What discovery tells of a kind. */
export type DiscoveredKind = Pick<Kind, 'group' | 'kind' | 'namespaced' | 'plural' | 'singular' | 'version'> &
  Partial<Pick<Kind, 'categories' | 'hasStatus' | 'scale' | 'shortNames' | 'verbs'>>

/** One line of an APIResourceList. */
interface ResourceLine {
  name: string
  singularName: string
  namespaced: boolean
  group?: string
  version?: string
  kind: string
  verbs: readonly string[]
  shortNames?: readonly string[]
  categories?: readonly string[]
}

const PART_VERBS = ['get', 'patch', 'update'] as const

/** A subresource that kinds declare by themselves. */
function declaredSubresources({ plural, kind, hasStatus, scale: access }: DiscoveredKind): Subresource[] {
  const parts: Subresource[] = []
  if (hasStatus) parts.push({ resource: plural, name: 'status', kind, verbs: PART_VERBS })
  if (access !== undefined) {
    const { group, version, kind: scaleKind } = scale
    parts.push({ resource: plural, name: 'scale', kind: scaleKind, group, version, verbs: PART_VERBS })
  }
  return parts
}

const subresourcesOf = (kind: DiscoveredKind): Subresource[] =>
  [
    ...declaredSubresources(kind),
    ...Object.values(subresources).filter(({ resource }) => kind.group === '' && resource === kind.plural),
  ].sort((a, b) => (a.name < b.name ? -1 : 1))

function lineOf({
  plural,
  singular,
  namespaced,
  kind,
  verbs = ALL_VERBS,
  shortNames,
  categories,
}: DiscoveredKind): ResourceLine {
  return {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs: [...verbs].sort(),
    ...(shortNames !== undefined && { shortNames }),
    ...(categories !== undefined && { categories }),
  }
}

const subresourceLine = (
  { namespaced }: DiscoveredKind,
  { resource, name, kind, group, version, verbs }: Subresource,
) => ({
  name: `${resource}/${name}`,
  singularName: '',
  namespaced,
  ...(group !== undefined && { group, version: version! }),
  kind,
  verbs,
})

/** `bindings` is a resource without objects: the older way to bind a pod. */
const BINDINGS: ResourceLine = {
  name: 'bindings',
  singularName: 'binding',
  namespaced: true,
  kind: 'Binding',
  verbs: ['create'],
}

interface GroupVersion<Member extends DiscoveredKind = DiscoveredKind> {
  group: string
  version: string
  kinds: readonly Member[]
}

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)

function resourceLines({ group, kinds }: GroupVersion): ResourceLine[] {
  const lines = kinds.flatMap((kind) => [
    lineOf(kind),
    ...subresourcesOf(kind).map((subresource) => subresourceLine(kind, subresource)),
  ])
  return [...lines, ...(group === '' ? [BINDINGS] : [])].sort(byName)
}

const resourceList = (served: GroupVersion) => ({
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: apiVersionOf(served),
  resources: resourceLines(served),
})

/** A resource with its subresources, as aggregated discovery nests them. */
function discoveryOf({ group, version }: GroupVersion, line: ResourceLine, lines: readonly ResourceLine[]) {
  const responseKind = (of: ResourceLine) => ({
    group: of.group ?? group,
    version: of.version ?? version,
    kind: of.kind,
  })
  const parts = lines.filter(({ name }) => name.startsWith(`${line.name}/`))
  return {
    resource: line.name,
    responseKind: responseKind(line),
    scope: line.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: line.singularName,
    verbs: line.verbs,
    ...(line.shortNames !== undefined && { shortNames: line.shortNames }),
    ...(line.categories !== undefined && { categories: line.categories }),
    ...(parts.length > 0 && {
      subresources: parts.map((part) => ({
        subresource: part.name.slice(line.name.length + 1),
        responseKind: responseKind(part),
        verbs: part.verbs,
      })),
    }),
  }
}

function aggregatedVersion(served: GroupVersion) {
  const lines = resourceLines(served)
  const resources = lines.filter(({ name }) => !name.includes('/'))
  return {
    version: served.version,
    resources: resources.map((line) => discoveryOf(served, line, lines)),
    freshness: 'Current',
  }
}

const AGGREGATED_VERSIONS = ['v2', 'v2beta1']

function aggregated(version: string, groups: readonly (readonly GroupVersion[])[]) {
  const items = groups.map((versions) => ({
    metadata: { ...(versions[0]!.group !== '' && { name: versions[0]!.group }), creationTimestamp: null },
    versions: versions.map(aggregatedVersion),
  }))
  return { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items }
}

const wantsAggregated = ({ type, parameters: { as, g, v } }: AcceptClause) =>
  type === JSON_TYPE &&
  as === 'APIGroupDiscoveryList' &&
  g === 'apidiscovery.k8s.io' &&
  AGGREGATED_VERSIONS.includes(v ?? '')

/** Answers in the aggregated form where the client prefers it, else in the plain one. */
const discoveryHandler =
  ({ plain, aggregate }: { plain(): unknown; aggregate(version: string): Versioned }): Handler =>
  (request: ApiRequest) => {
    const preferred = request.accept.find(
      (clause) => wantsAggregated(clause) || (clause.type === JSON_TYPE && clause.parameters.as === undefined),
    )
    if (preferred === undefined || !wantsAggregated(preferred)) {
      representationFor(request, { transforms: false })
      return valueAnswer(request, plain())
    }
    const version = preferred.parameters.v!
    const { body, etag } = aggregate(version)
    const isKnown = request.headers['if-none-match'] === etag
    return {
      status: isKnown ? 304 : 200,
      contentType: `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
      body: isKnown ? '' : body,
      headers: { etag, vary: 'Accept' },
    }
  }

/** Kinds by group and version, groups in the order in which they first appear. */
export function groupVersions<Member extends DiscoveredKind>(kinds: readonly Member[]): GroupVersion<Member>[] {
  const grouped = Map.groupBy(kinds, apiVersionOf)
  return [...grouped.values()].map((members) => {
    const { group, version } = members[0]!
    return { group, version, kinds: members }
  })
}

const groupEntry = (versions: readonly GroupVersion[]) => {
  const entries = versions.map((served) => ({ groupVersion: apiVersionOf(served), version: served.version }))
  return { name: versions[0]!.group, versions: entries, preferredVersion: entries[0]! }
}

/** A document as it is sent, and what tells whether a client has it already. */
interface Versioned {
  body: string
  etag: string
}

function versioned(value: unknown): Versioned {
  const body = `${JSON.stringify(value)}\n`
  return { body, etag: `"${createHash('sha512').update(body).digest('hex').toUpperCase()}"` }
}

/** What is served beside the groups' documents, for whoever looks around. */
const OTHER_PATHS = [
  '/api',
  '/apis',
  '/healthz',
  '/livez',
  '/metrics',
  '/openapi/v2',
  '/openapi/v3',
  '/readyz',
  '/version',
]

/** What there is to tell about the kinds that are served at one time. */
function catalogOf(kinds: readonly Kind[]) {
  const served = groupVersions([...kinds, ...reviewKinds, ...metricsKinds])
  const core = served.filter(({ group }) => group === '')
  const groups = [...Map.groupBy(served, ({ group }) => group).values()].filter(([first]) => first!.group !== '')
  const documents = new Map<string, Versioned>()
  /** The aggregated document of a part of the API, made when it is first asked for. */
  const aggregate = (part: 'core' | 'groups', version: string): Versioned => {
    const key = `${part}/${version}`
    const found = documents.get(key) ?? versioned(aggregated(version, part === 'core' ? [core] : groups))
    documents.set(key, found)
    return found
  }
  return { kinds, served, core, groups, aggregate }
}

/** `/api`, `/apis`, and a document for every group and version. `address` is what clients are told to connect to. */
export function discoveryEndpoints(kinds: () => readonly Kind[], address: () => string): Endpoint[] {
  let known = catalogOf(kinds())
  const catalog = () => {
    const now = kinds()
    if (now !== known.kinds) known = catalogOf(now)
    return known
  }
  const coreDocument = () => ({
    kind: 'APIVersions',
    versions: catalog().core.map(({ version }) => version),
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address() }],
  })
  const groupList = () => ({ kind: 'APIGroupList', apiVersion: 'v1', groups: catalog().groups.map(groupEntry) })
  const group: Handler = (request) => {
    const found = catalog().groups.find(([first]) => `/apis/${first!.group}` === withoutLastSlash(request.path))
    return found === undefined
      ? PAGE_NOT_FOUND
      : valueAnswer(request, { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(found) })
  }
  const version: Handler = (request) => {
    const found = catalog().served.find((each) => rootOf(each) === withoutLastSlash(request.path))
    return found === undefined ? PAGE_NOT_FOUND : valueAnswer(request, resourceList(found))
  }
  const inBothForms = (plain: () => unknown, part: 'core' | 'groups') => ({
    GET: discoveryHandler({ plain, aggregate: (version) => catalog().aggregate(part, version) }),
  })
  const index: Handler = (request) => {
    const { served, groups } = catalog()
    const paths = [...served.map(rootOf), ...groups.map(([first]) => `/apis/${first!.group}`), ...OTHER_PATHS]
    return valueAnswer(request, { paths: paths.sort() })
  }
  return [
    { path: '/', handlers: { GET: index } },
    { path: '/api', handlers: inBothForms(coreDocument, 'core') },
    { path: '/apis', handlers: inBothForms(groupList, 'groups') },
    { path: '/api/:version', handlers: { GET: version } },
    { path: '/apis/:group', handlers: { GET: group } },
    { path: '/apis/:group/:version', handlers: { GET: version } },
  ]
}
