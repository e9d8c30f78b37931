/** Tables: objects as `kubectl get` prints them, with the kind's columns. Pure: instants come in, text comes out. */
import type { Kind } from '../../shared/api/kind.ts'
import { badRequest } from '../../shared/errors.ts'
import type { CachedObject } from '../cache/cache.ts'

export interface TableOptions {
  version: 'v1' | 'v1beta1'
  /** How much of each object comes with its row. */
  includeObject: 'None' | 'Metadata' | 'Object'
  nowMs: number
  /** Leave the column definitions out: a watch says them once. */
  noHeaders?: boolean
}

/** Reads `?includeObject=`. Throws a BadRequest ApiError. */
export function parseIncludeObject(text: string | undefined): TableOptions['includeObject'] {
  if (text === undefined || text === '') return 'Metadata'
  if (text === 'None' || text === 'Metadata' || text === 'Object') return text
  throw badRequest(`unrecognized includeObject value: ${JSON.stringify(text)}`)
}

/** An object's metadata as an object of its own. */
export const partialObject = ({ object }: CachedObject, version: 'v1' | 'v1beta1'): string =>
  `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/${version}","metadata":${JSON.stringify(object.metadata)}}`

function definitionsOf({ columns }: Kind): string {
  const definitions = columns.map(({ name, type, format = '', description, priority = 0 }) => ({
    name,
    type,
    format,
    description,
    priority,
  }))
  return JSON.stringify(definitions)
}

function rowOf({ columns }: Kind, cached: CachedObject, { includeObject, version, nowMs }: TableOptions): string {
  const cells = JSON.stringify(columns.map(({ cell }) => cell(cached.object, nowMs)))
  if (includeObject === 'None') return `{"cells":${cells},"object":null}`
  const object = includeObject === 'Object' ? cached.json.toString() : partialObject(cached, version)
  return `{"cells":${cells},"object":${object}}`
}

type WholeTableOptions = TableOptions & { metadata: object }

function tableHead(kind: Kind, { metadata, version, noHeaders }: WholeTableOptions): string {
  const definitions = noHeaders ? 'null' : definitionsOf(kind)
  return `{"kind":"Table","apiVersion":"meta.k8s.io/${version}","metadata":${JSON.stringify(metadata)},"columnDefinitions":${definitions},"rows":[`
}

/** The Table of some objects; `metadata` is the list's. */
export function renderTable(kind: Kind, objects: readonly CachedObject[], options: WholeTableOptions): string {
  return `${tableHead(kind, options)}${objects.map((cached) => rowOf(kind, cached, options)).join(',')}]}`
}

/** The same as texts that follow each other, each made when it is asked for, with the closing newline. */
export function* tableTexts(
  kind: Kind,
  objects: readonly CachedObject[],
  options: WholeTableOptions,
): Generator<string> {
  yield tableHead(kind, options)
  for (const [index, cached] of objects.entries()) yield `${index > 0 ? ',' : ''}${rowOf(kind, cached, options)}`
  yield ']}\n'
}
