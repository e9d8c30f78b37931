/**
 * Which endpoint a path of the API leads to. Unlike the framework's own routes, endpoints may come and go while the
 * server runs; and since all paths have one of few shapes, finding one takes a look at each of at most two shapes.
 */
import type { Endpoint } from './exchange.ts'

/** An endpoint, and what the path says in the places of its parameters. */
export interface FoundEndpoint {
  endpoint: Endpoint
  namespace?: string
  name?: string
}

export interface EndpointTable {
  /** The endpoint of a path as it came, with or without a query; undefined where there is none. */
  find(url: string): FoundEndpoint | undefined
  /** Whether the path is below a group and version of which anything is served. */
  isInServedVersion(path: string): boolean
  add(endpoints: readonly Endpoint[]): void
  remove(endpoints: readonly Endpoint[]): void
}

/** The longest part of a path: names have up to 253 characters, some of them written with three. */
const PART_CHARACTERS_MAX = 1024

const NAMESPACES = 'namespaces'

/** `/api/VERSION` or `/apis/GROUP/VERSION`, and the parts that follow. */
interface SplitPath {
  root: string
  parts: readonly string[]
}

function splitPath(path: string): SplitPath | undefined {
  const all = path.split('/')
  const rootParts = all[1] === 'api' ? 3 : all[1] === 'apis' ? 4 : undefined
  if (rootParts === undefined || all.length < rootParts) return undefined
  return { root: all.slice(0, rootParts).join('/'), parts: all.slice(rootParts) }
}

/** A part as its client meant it; undefined where it cannot be one. */
function decodePart(part: string): string | undefined {
  if (part === '' || part.length > PART_CHARACTERS_MAX) return undefined
  if (!part.includes('%')) return part
  try {
    return decodeURIComponent(part)
  } catch {
    // What is not well-formed addresses nothing.
    return undefined
  }
}

/** The patterns that a path may fit, the likelier one first, and its parameters in each. */
function* candidatesOf({
  root,
  parts,
}: SplitPath): Generator<[pattern: string, parameters: Omit<FoundEndpoint, 'endpoint'>]> {
  const [first, second, third, fourth, fifth] = parts as string[]
  switch (parts.length) {
    case 1:
      yield [`${root}/${first}`, {}]
      break
    case 2:
      yield [`${root}/${first}/:name`, { name: second! }]
      break
    case 3:
      if (first === NAMESPACES) yield [`${root}/${NAMESPACES}/:namespace/${third}`, { namespace: second! }]
      yield [`${root}/${first}/:name/${third}`, { name: second! }]
      break
    case 4:
      if (first === NAMESPACES)
        yield [`${root}/${NAMESPACES}/:namespace/${third}/:name`, { namespace: second!, name: fourth! }]
      break
    case 5:
      if (first === NAMESPACES)
        yield [`${root}/${NAMESPACES}/:namespace/${third}/:name/${fifth}`, { namespace: second!, name: fourth! }]
  }
}

export function createEndpointTable(): EndpointTable {
  const byPattern = new Map<string, Endpoint>()
  /** How many endpoints there are below each `/apis/GROUP/VERSION`. */
  const roots = new Map<string, number>()
  const count = (pattern: string, by: 1 | -1) => {
    const { root } = splitPath(pattern)!
    const next = (roots.get(root) ?? 0) + by
    if (next === 0) roots.delete(root)
    else roots.set(root, next)
  }
  return {
    find(url) {
      const end = url.indexOf('?')
      const split = splitPath(end === -1 ? url : url.slice(0, end))
      if (split === undefined || !roots.has(split.root)) return undefined
      const parts: string[] = []
      for (const part of split.parts) {
        const decoded = decodePart(part)
        if (decoded === undefined) return undefined
        parts.push(decoded)
      }
      for (const [pattern, parameters] of candidatesOf({ root: split.root, parts })) {
        const endpoint = byPattern.get(pattern)
        if (endpoint !== undefined) return { endpoint, ...parameters }
      }
      return undefined
    },
    isInServedVersion(path) {
      const split = splitPath(path)
      return split !== undefined && split.parts.length > 0 && roots.has(split.root)
    },
    add(endpoints) {
      for (const endpoint of endpoints) {
        if (byPattern.has(endpoint.path)) throw new Error(`two endpoints for ${endpoint.path}`)
        byPattern.set(endpoint.path, endpoint)
        count(endpoint.path, 1)
      }
    },
    remove(endpoints) {
      for (const { path } of endpoints) if (byPattern.delete(path)) count(path, -1)
    },
  }
}
