/**
 * Strategic merge patch: a merge patch that knows from the schema which lists are merged element by element, and that
 * may carry directives: `$patch`, `$retainKeys`, `$deleteFromPrimitiveList/FIELD` and `$setElementOrder/FIELD`
 * (`apimachinery/pkg/util/strategicpatch`). The result shares with object and patch what it takes over from them.
 */
import type { TSchema } from '../../shared/api/schema.ts'
import { badRequest } from '../../shared/errors.ts'
import { type Identify, orderElements } from './element-order.ts'
import { isObject, type JsonObject, memberOf, setMember } from './json-value.ts'
import { unprocessable, wrongDocument } from './patch-errors.ts'

const PATCH = '$patch'
const RETAIN_KEYS = '$retainKeys'
const DELETE_FROM = '$deleteFromPrimitiveList/'
const SET_ORDER = '$setElementOrder/'

/** The parts of a schema that merging looks at. */
interface MergeSchema {
  properties?: Readonly<Record<string, MergeSchema>>
  additionalProperties?: MergeSchema
  items?: MergeSchema
  'x-kubernetes-patch-strategy'?: string
  'x-kubernetes-patch-merge-key'?: string
}

const NO_SCHEMA: MergeSchema = {}

function schemaOf({ properties, additionalProperties }: MergeSchema, field: string): MergeSchema {
  const known = properties !== undefined && Object.hasOwn(properties, field) ? properties[field] : undefined
  return known ?? additionalProperties ?? NO_SCHEMA
}

const hasStrategy = (schema: MergeSchema, strategy: 'merge' | 'replace'): boolean =>
  schema['x-kubernetes-patch-strategy']?.split(',').includes(strategy) === true

const unknownDirective = (value: unknown, holder: JsonObject) =>
  badRequest(`unknown patch type: ${value} in map: ${JSON.stringify(holder)}`)

const noMergeKey = (element: JsonObject, mergeKey: string) =>
  badRequest(`map: ${JSON.stringify(element)} does not contain declared merge key: ${mergeKey}`)

const isDirective = (name: string): boolean =>
  name === PATCH || name === RETAIN_KEYS || name.startsWith(DELETE_FROM) || name.startsWith(SET_ORDER)

const isDeletion = (value: unknown): boolean => isObject(value) && memberOf(value, PATCH) === 'delete'

/** A value of the patch where the object has none to merge with: without nulls and directives. */
function fresh(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((element) => !isDeletion(element)).map(fresh)
  if (!isObject(value)) return value
  const plain: JsonObject = {}
  for (const [name, member] of Object.entries(value)) {
    if (member !== null && !isDirective(name) && !isDeletion(member)) setMember(plain, name, fresh(member))
  }
  return plain
}

/** The object without what `$retainKeys` does not name. */
function retain(current: JsonObject, patch: JsonObject): JsonObject {
  const names = memberOf(patch, RETAIN_KEYS)
  if (names === undefined) return { ...current }
  if (!Array.isArray(names)) throw badRequest('invalid patch format of retainKeys')
  const retained = new Set(names)
  for (const [name, value] of Object.entries(patch)) {
    if (value !== null && !isDirective(name) && !retained.has(name))
      throw badRequest('invalid patch format of retainKeys')
  }
  return Object.fromEntries(Object.entries(current).filter(([name]) => retained.has(name)))
}

function deleteFromList(merged: JsonObject, field: string, deletions: unknown): void {
  const list = memberOf(merged, field)
  if (!Array.isArray(deletions)) throw badRequest('invalid patch format of primitive list')
  if (list === undefined) return
  if (!Array.isArray(list)) throw badRequest('invalid patch format of primitive list')
  const deleted = new Set(deletions)
  setMember(
    merged,
    field,
    list.filter((element) => !deleted.has(element)),
  )
}

/** An element of a list of scalars, or of objects by their merge key. */
const identifierOf = (mergeKey: string | undefined): Identify => {
  const show = (value: unknown) => `${typeof value} ${isObject(value) ? JSON.stringify(value) : value}`
  if (mergeKey === undefined) return show
  return (element) => (isObject(element) ? show(memberOf(element, mergeKey)) : show(element))
}

/** A list in the order that the patch's `$setElementOrder` asks for; undefined where there is none. */
function orderedList(current: unknown, patch: unknown, order: unknown, schema: MergeSchema): unknown {
  if (!Array.isArray(order) || !(patch === undefined || Array.isArray(patch)))
    throw badRequest('invalid patch format of setElementOrder list')
  const identify = identifierOf(schema['x-kubernetes-patch-merge-key'])
  checkOrder(
    (patch ?? []).filter((element) => !isDeletion(element)),
    order,
    identify,
  )
  if (!Array.isArray(current)) return fresh(patch)
  const merged = patch === undefined ? current : (mergeValues(current, patch, schema) as unknown[])
  return orderElements(merged, { patch: order, original: current, identify })
}

/** The elements of a patched list must come in the order that the patch asks for. */
function checkOrder(elements: readonly unknown[], order: readonly unknown[], identify: Identify): void {
  let next = 0
  for (const element of order) {
    if (next < elements.length && identify(elements[next]) === identify(element)) next++
  }
  if (next < elements.length)
    throw badRequest(
      `The order in patch list:\n${JSON.stringify(elements)}\n doesn't match ${SET_ORDER.slice(0, -1)} list:\n${JSON.stringify(order)}\n`,
    )
}

/** The fields that a patch speaks of, in itself or by a directive for the order of a list. */
const patchedFields = (patch: JsonObject): ReadonlySet<string> =>
  new Set(
    Object.keys(patch)
      .map((name) => (name.startsWith(SET_ORDER) ? name.slice(SET_ORDER.length) : name))
      .filter((name) => !isDirective(name)),
  )

function mergeField(current: unknown, patch: JsonObject, field: string, schema: MergeSchema): unknown {
  const value = memberOf(patch, field)
  if (value === null) return undefined
  const order = memberOf(patch, SET_ORDER + field)
  return order === undefined ? mergeValues(current, value, schema) : orderedList(current, value, order, schema)
}

function mergeObjects(current: JsonObject, patch: JsonObject, schema: MergeSchema): JsonObject {
  const directive = memberOf(patch, PATCH)
  if (directive === 'delete') return {}
  if (directive === 'replace') return fresh(patch) as JsonObject
  if (directive !== undefined) throw unknownDirective(directive, patch)
  const merged = retain(current, patch)
  for (const [name, deletions] of Object.entries(patch)) {
    if (name.startsWith(DELETE_FROM)) deleteFromList(merged, name.slice(DELETE_FROM.length), deletions)
  }
  for (const field of patchedFields(patch)) {
    const value = mergeField(memberOf(merged, field), patch, field, schemaOf(schema, field))
    if (value === undefined) delete merged[field]
    else setMember(merged, field, value)
  }
  return merged
}

function mergeValues(current: unknown, patch: unknown, schema: MergeSchema): unknown {
  if (isObject(current) && isObject(patch))
    return hasStrategy(schema, 'replace') ? fresh(patch) : mergeObjects(current, patch, schema)
  if (Array.isArray(current) && Array.isArray(patch) && hasStrategy(schema, 'merge'))
    return mergeLists(current, patch, schema)
  return fresh(patch)
}

/** Lists hold objects or scalars, not both, and no lists. */
function holdObjects(elements: readonly unknown[]): boolean {
  if (elements.some(Array.isArray)) throw unprocessable()
  const objects = elements.filter(isObject).length
  if (objects > 0 && objects < elements.length) throw badRequest('list element types are not identical')
  return objects > 0
}

function mergeLists(current: readonly unknown[], patch: readonly unknown[], schema: MergeSchema): unknown[] {
  const mergeKey = schema['x-kubernetes-patch-merge-key']
  if (!holdObjects([...current, ...patch])) {
    const identify = identifierOf(undefined)
    return orderElements([...new Set([...current, ...patch])], { patch, original: current, identify })
  }
  if (mergeKey === undefined) throw badRequest('cannot merge lists without merge key')
  return mergeObjectLists(current as JsonObject[], patch as JsonObject[], { schema, mergeKey })
}

function mergeObjectLists(
  current: readonly JsonObject[],
  patch: readonly JsonObject[],
  { schema, mergeKey }: { schema: MergeSchema; mergeKey: string },
): unknown[] {
  const identify = identifierOf(mergeKey)
  const additions = patch.filter((element) => memberOf(element, PATCH) === undefined)
  const { deleted, isReplaced } = readElementDirectives(patch, { mergeKey, identify })
  for (const element of additions) if (!Object.hasOwn(element, mergeKey)) throw noMergeKey(element, mergeKey)
  if (isReplaced) return additions.map(fresh)
  const kept = current.filter((element) => !deleted.has(identify(element)))
  const merged: JsonObject[] = [...kept]
  const places = new Map<string, number>()
  for (const [index, element] of merged.entries()) {
    const id = identify(element)
    if (!places.has(id)) places.set(id, index)
  }
  for (const element of additions) {
    const id = identify(element)
    const place = places.get(id)
    if (place !== undefined) {
      merged[place] = mergeObjects(merged[place]!, element, schema.items ?? NO_SCHEMA)
    } else {
      places.set(id, merged.length)
      merged.push(fresh(element) as JsonObject)
    }
  }
  return orderElements(merged, { patch: additions, original: kept, identify })
}

/** What the elements with a `$patch` directive ask for. */
function readElementDirectives(
  patch: readonly JsonObject[],
  { mergeKey, identify }: { mergeKey: string; identify: Identify },
): { deleted: ReadonlySet<string>; isReplaced: boolean } {
  const deleted = new Set<string>()
  let isReplaced = false
  for (const element of patch) {
    const directive = memberOf(element, PATCH)
    if (directive === undefined) continue
    if (directive === 'delete') {
      if (!Object.hasOwn(element, mergeKey)) throw noMergeKey(element, mergeKey)
      deleted.add(identify(element))
    } else if (directive === 'replace') isReplaced = true
    else if (directive === 'merge') throw badRequest('merging lists cannot yet be specified in the patch')
    else throw unknownDirective(directive, element)
  }
  return { deleted, isReplaced }
}

/**
 * Reads a strategic merge patch for objects of `schema`; returns the function that applies it. Throws ApiErrors:
 * BadRequest for what is not an object and for directives that are wrong, Invalid (422) for lists of lists.
 */
export function readStrategicMergePatch(document: unknown, schema: TSchema): (current: unknown) => unknown {
  if (!isObject(document)) throw wrongDocument(document, 'map[string]interface {}')
  return (current) => mergeObjects(isObject(current) ? current : {}, document, schema as MergeSchema)
}
