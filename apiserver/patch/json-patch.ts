/**
 * JSON patch (RFC 6902). Our own because its work has to be bounded, which the libraries leave to their callers: the
 * number of operations, what copies add up to, and the depth of what is built. Everything else costs at most what
 * the patch's own bytes and the object's pay for.
 */
import { MAX_DEPTH } from '../codec/limits.ts'
import {
  type CopyBudget,
  CopyLimitError,
  copyJson,
  isComposite,
  isObject,
  type JsonObject,
  memberOf,
  sameJson,
  setMember,
} from './json-value.ts'
import { tooManyOperations, unprocessable, wrongDocument } from './patch-errors.ts'

/** As upstream. */
const OPERATIONS_MAX = 10_000
/** What the `copy` operations of one patch may add together, as upstream: the size of a request. */
const COPY_SIZE_MAX = 3 * 1024 * 1024
/** List elements that one patch may shift by inserting and removing before them: some 50 ms of work. */
const SHIFTS_MAX = 20_000_000

type Pointer = readonly string[]

/** An operation with its pointers taken apart. */
interface Operation {
  op: string
  path: Pointer
  from?: Pointer
  value: unknown
}

/** The document under work: held by an object, so that the whole of it can be replaced like any part. */
interface Holder {
  root: unknown
  /** What is left of COPY_SIZE_MAX. */
  copies: CopyBudget
  /** What is left of SHIFTS_MAX. */
  shifts: number
}

const FROM_OPERATIONS = new Set(['move', 'copy'])
const VALUE_OPERATIONS = new Set(['add', 'replace', 'test'])

function parsePointer(text: unknown): Pointer {
  if (text === '') return []
  if (typeof text !== 'string' || !text.startsWith('/')) throw unprocessable()
  return text
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function parseOperation(operation: unknown): Operation {
  if (!isObject(operation)) throw wrongDocument(operation, 'map[string]interface {}')
  const { op, path, from, value } = operation
  if (typeof op !== 'string' || !Object.hasOwn(EXECUTORS, op)) throw unprocessable()
  if (VALUE_OPERATIONS.has(op) && value === undefined) throw unprocessable()
  return { op, path: parsePointer(path), value, ...(FROM_OPERATIONS.has(op) && { from: parsePointer(from) }) }
}

/** Reads the position of an existing element. */
function indexOf(list: readonly unknown[], token: string): number {
  const index = /^(0|[1-9]\d*)$/.test(token) ? Number(token) : -1
  if (index < 0 || index >= list.length) throw unprocessable()
  return index
}

function step(container: unknown, token: string): unknown {
  if (Array.isArray(container)) return container[indexOf(container, token)]
  const member = isObject(container) ? memberOf(container, token) : undefined
  if (member === undefined) throw unprocessable()
  return member
}

const valueAt = ({ root }: Holder, pointer: Pointer): unknown => pointer.reduce(step, root)

/** The list or object that has the last part of the pointer, and that part. */
function parentOf(holder: Holder, pointer: Pointer): { container: unknown[] | JsonObject; token: string } {
  const container = valueAt(holder, pointer.slice(0, -1))
  if (!isComposite(container)) throw unprocessable()
  return { container: container as unknown[] | JsonObject, token: pointer.at(-1)! }
}

/** Takes out `deleted` elements at an index and puts `added` in their place. */
function splice(holder: Holder, list: unknown[], index: number, change: { deleted: number; added: unknown[] }): void {
  holder.shifts -= list.length - index
  if (holder.shifts < 0) throw unprocessable()
  list.splice(index, change.deleted, ...change.added)
}

function add(holder: Holder, path: Pointer, value: unknown): void {
  if (path.length === 0) {
    holder.root = value
    return
  }
  const { container, token } = parentOf(holder, path)
  if (!Array.isArray(container)) setMember(container, token, value)
  else if (token === '-' || token === String(container.length)) container.push(value)
  else splice(holder, container, indexOf(container, token), { deleted: 0, added: [value] })
}

function remove(holder: Holder, path: Pointer): unknown {
  if (path.length === 0) throw unprocessable()
  const { container, token } = parentOf(holder, path)
  const value = step(container, token)
  if (Array.isArray(container)) splice(holder, container, indexOf(container, token), { deleted: 1, added: [] })
  else delete container[token]
  return value
}

function replace(holder: Holder, path: Pointer, value: unknown): void {
  if (path.length === 0) {
    holder.root = value
    return
  }
  const { container, token } = parentOf(holder, path)
  step(container, token)
  if (Array.isArray(container)) container[indexOf(container, token)] = value
  else setMember(container, token, value)
}

/** Absent counts as null, as for upstream: the API does not tell them apart. */
function test(holder: Holder, path: Pointer, value: unknown): void {
  const isAbsent = () => {
    if (path.length === 0) return false
    const { container, token } = parentOf(holder, path)
    return isObject(container) && !Object.hasOwn(container, token)
  }
  if (value === null && isAbsent()) return
  if (!sameJson(valueAt(holder, path), value)) throw unprocessable()
}

/** A copy of a part of the patch: a later operation may change it, and the patch may be applied again. */
const ownCopy = (value: unknown) => copyJson(value, MAX_DEPTH, { size: Number.POSITIVE_INFINITY })

const EXECUTORS: Readonly<Record<string, (holder: Holder, operation: Operation) => void>> = {
  add: (holder, { path, value }) => add(holder, path, ownCopy(value)),
  remove: (holder, { path }) => remove(holder, path),
  replace: (holder, { path, value }) => replace(holder, path, ownCopy(value)),
  move: (holder, { path, from }) => add(holder, path, remove(holder, from!)),
  copy: (holder, { path, from }) => add(holder, path, copyJson(valueAt(holder, from!), MAX_DEPTH, holder.copies)),
  test: (holder, { path, value }) => test(holder, path, value),
}

/** Throws where copies or moves have nested values too deep. */
function checkDepth(value: unknown, depthMax: number): void {
  if (!isComposite(value)) return
  if (depthMax === 0) throw unprocessable()
  for (const part of Object.values(value)) checkDepth(part, depthMax - 1)
}

/**
 * Reads a JSON patch; returns the function that applies it. Throws ApiErrors: reading, BadRequest for what is no patch
 * and RequestEntityTooLarge for too many operations; applying, Invalid (422) for an operation that does not fit.
 */
export function readJsonPatch(document: unknown): (current: unknown) => unknown {
  if (!Array.isArray(document)) throw wrongDocument(document, '[]map[string]interface {}')
  if (document.length > OPERATIONS_MAX) throw tooManyOperations(document.length, OPERATIONS_MAX)
  const operations = document.map(parseOperation)
  return (current) => {
    try {
      const holder: Holder = { root: ownCopy(current), copies: { size: COPY_SIZE_MAX }, shifts: SHIFTS_MAX }
      for (const operation of operations) EXECUTORS[operation.op]!(holder, operation)
      checkDepth(holder.root, MAX_DEPTH)
      return holder.root
    } catch (error) {
      throw error instanceof CopyLimitError ? unprocessable() : error
    }
  }
}
