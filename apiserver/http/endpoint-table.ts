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

/** Paths mean the same with a slash at their end: some client libraries write one. */
export const withoutLastSlash = (path: string): string =>
  path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path

/** `/api/VERSION` or `/apis/GROUP/VERSION`, and the parts that follow. */
interface SplitPath {
  root: string
  parts: string[]
}

/** Where a path's root ends: at its third slash, or at its fourth below `/apis`; -1 where it goes on nowhere. */
function rootEndOf(path: string): number {
  const start = path.startsWith('/api/') ? 5 : path.startsWith('/apis/') ? path.indexOf('/', 6) + 1 : 0
  return start === 0 ? -1 : path.indexOf('/', start)
}

function splitPath(path: string): SplitPath | undefined {
  const end = rootEndOf(path)
  return end === -1 ? undefined : { root: path.slice(0, end), parts: path.slice(end + 1).split('/') }
}

/** The subresource whose paths go on behind it: what follows is not this server's. */
const PROXY = 'proxy'

/** The parts up to that subresource, where there is one. */
function withoutProxied(parts: string[]): string[] {
  const end = parts[0] === NAMESPACES ? 4 : 2
  return parts[end] === PROXY ? parts.slice(0, end + 1) : parts
}

const isPlain = (part: string) => part !== '' && part.length <= PART_CHARACTERS_MAX && !part.includes('%')

/** The parts as their client meant them; undefined where one cannot be a part, or is not well-formed. */
function decodeParts(parts: string[]): string[] | undefined {
  if (parts.every(isPlain)) return parts
  if (parts.some((part) => part === '' || part.length > PART_CHARACTERS_MAX)) return undefined
  try {
    return parts.map(decodeURIComponent)
  } catch {
    // A part that is not well-formed addresses nothing.
    return undefined
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
  const found = (pattern: string, namespace?: string, name?: string): FoundEndpoint | undefined => {
    const endpoint = byPattern.get(pattern)
    if (endpoint === undefined) return undefined
    return { endpoint, ...(namespace !== undefined && { namespace }), ...(name !== undefined && { name }) }
  }
  return {
    find(url) {
      const end = url.indexOf('?')
      const split = splitPath(withoutLastSlash(end === -1 ? url : url.slice(0, end)))
      const parts = split && decodeParts(withoutProxied(split.parts))
      if (parts === undefined) return undefined
      const { root } = split!
      const [first, second, third, fourth, fifth] = parts as [string, string, string, string, string]
      const isInNamespace = first === NAMESPACES
      switch (parts.length) {
        case 1:
          return found(`${root}/${first}`)
        case 2:
          return found(`${root}/${first}/:name`, undefined, second)
        case 3:
          return (
            (isInNamespace ? found(`${root}/namespaces/:namespace/${third}`, second) : undefined) ??
            found(`${root}/${first}/:name/${third}`, undefined, second)
          )
        case 4:
          return isInNamespace ? found(`${root}/namespaces/:namespace/${third}/:name`, second, fourth) : undefined
        case 5:
          return isInNamespace
            ? found(`${root}/namespaces/:namespace/${third}/:name/${fifth}`, second, fourth)
            : undefined
        default:
          return undefined
      }
    },
    isInServedVersion(path) {
      const split = splitPath(path)
      return split !== undefined && roots.has(split.root)
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
