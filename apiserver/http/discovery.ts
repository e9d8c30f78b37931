/** What the server has: groups, versions and resources, in the forms of all clients since 1.27. */
import { ALL_VERBS, apiVersionOf, type Kind } from '../../shared/api/kind.ts'
import { scale } from '../../shared/api/scale.ts'
import { type ApiRequest, type Endpoint, type Handler, JSON_TYPE } from './exchange.ts'
import type { AcceptClause } from './negotiate.ts'
import { representationFor, valueAnswer } from './render.ts'
import { rootOf } from './resource-endpoints.ts'
import { type Subresource, subresources } from './subresources.ts'

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
function declaredSubresources({ plural, kind, hasStatus, scale: access }: Kind): Subresource[] {
  const parts: Subresource[] = []
  if (hasStatus) parts.push({ resource: plural, name: 'status', kind, verbs: PART_VERBS })
  if (access !== undefined) {
    const { group, version, kind: scaleKind } = scale
    parts.push({ resource: plural, name: 'scale', kind: scaleKind, group, version, verbs: PART_VERBS })
  }
  return parts
}

const subresourcesOf = (kind: Kind): Subresource[] =>
  [
    ...declaredSubresources(kind),
    ...Object.values(subresources).filter(({ resource }) => kind.group === '' && resource === kind.plural),
  ].sort((a, b) => (a.name < b.name ? -1 : 1))

function lineOf({ plural, singular, namespaced, kind, verbs = ALL_VERBS, shortNames, categories }: Kind): ResourceLine {
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

const subresourceLine = ({ namespaced }: Kind, { resource, name, kind, group, version, verbs }: Subresource) => ({
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

interface GroupVersion {
  group: string
  version: string
  kinds: readonly Kind[]
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
function discoveryHandler(plain: unknown, groups: readonly (readonly GroupVersion[])[]): Handler {
  return async (request: ApiRequest) => {
    const preferred = request.accept.find(
      (clause) => wantsAggregated(clause) || (clause.type === JSON_TYPE && clause.parameters.as === undefined),
    )
    if (preferred === undefined || !wantsAggregated(preferred)) {
      representationFor(request, { transforms: false })
      return valueAnswer(request, plain)
    }
    const version = preferred.parameters.v!
    return {
      status: 200,
      contentType: `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
      body: `${JSON.stringify(aggregated(version, groups))}\n`,
    }
  }
}

/** Kinds by group and version, groups in the order in which they first appear. */
export function groupVersions(kinds: readonly Kind[]): GroupVersion[] {
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

/** `/api`, `/apis`, and a document for every group and version. `address` is what clients are told to connect to. */
export function discoveryEndpoints(kinds: readonly Kind[], address: () => string): Endpoint[] {
  const served = groupVersions(kinds)
  const core = served.filter(({ group }) => group === '')
  const groups = [...Map.groupBy(served, ({ group }) => group).values()].filter(([first]) => first!.group !== '')
  const coreHandler: Handler = (request) => {
    const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress: address() }]
    const plain = { kind: 'APIVersions', versions: core.map(({ version }) => version), serverAddressByClientCIDRs }
    return discoveryHandler(plain, [core])(request)
  }
  const list = { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(groupEntry) }
  const single = (path: string, document: unknown): Endpoint => ({
    path,
    handlers: { GET: (request) => valueAnswer(request, document) },
  })
  return [
    { path: '/api', handlers: { GET: coreHandler } },
    { path: '/apis', handlers: { GET: discoveryHandler(list, groups) } },
    ...groups.map((versions) =>
      single(`/apis/${versions[0]!.group}`, { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(versions) }),
    ),
    ...served.map((group) => single(rootOf(group), resourceList(group))),
  ]
}
