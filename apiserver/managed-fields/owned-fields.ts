/** The fields of values: all that a configuration names, and all that comes or goes with a value. */
import { type FieldSet, type FieldSetBuilder, LEAF, SELF } from './field-set.ts'
import type { FieldShape, ListShape } from './field-shape.ts'
import { fieldStep } from './field-step.ts'

type JsonObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Which fields count beside leaves, elements and entries: `containers` for the objects, maps and lists that hold them. */
type Counting = 'all' | 'withoutContainers'

function listNode(shape: ListShape, list: readonly unknown[], counting: Counting): FieldSetBuilder {
  const node: FieldSetBuilder = {}
  for (const element of list) {
    const step = shape.stepTo(element)
    if (step === undefined) continue
    // What is there twice can only be owned as a whole.
    node[step] = step in node ? LEAF : memberNode(shape.items, element, counting)
  }
  return node
}

function objectNode(shape: FieldShape, value: JsonObject, counting: Counting): FieldSetBuilder {
  const node: FieldSetBuilder = {}
  if (shape.type === 'map') {
    for (const name of Object.keys(value)) node[fieldStep(name)] = memberNode(shape.values, value[name], counting)
  } else if (shape.type === 'object') {
    for (const name in value) {
      const member = value[name]
      const field = member === undefined || member === null ? undefined : shape.field(name)
      if (field !== undefined) node[field.step] = fieldsOf(field.shape, member, counting)
    }
  }
  return node
}

function childrenOf(shape: FieldShape, value: unknown, counting: Counting): FieldSetBuilder | undefined {
  if (shape.type === 'leaf') return undefined
  if (shape.type === 'list') return Array.isArray(value) ? listNode(shape, value, counting) : undefined
  return isObject(value) ? objectNode(shape, value, counting) : undefined
}

const hasAny = (node: FieldSet) => {
  for (const _ in node) return true
  return false
}

/** Elements and entries are fields of their own, whatever is in them. */
function memberNode(shape: FieldShape, value: unknown, counting: Counting): FieldSet {
  const node = childrenOf(shape, value, counting)
  if (node === undefined || !hasAny(node)) return LEAF
  node[SELF] = LEAF
  return node
}

/**
 * The node of everything in a value: leaves, elements of lists, entries of maps; with `all`, also what holds them. A
 * value with nothing in it is a field like a leaf.
 */
export function fieldsOf(shape: FieldShape, value: unknown, counting: Counting): FieldSet {
  if (shape.type === 'leaf') return LEAF
  if (counting === 'all') return memberNode(shape, value, counting)
  const node = childrenOf(shape, value, counting)
  return node === undefined || !hasAny(node) ? LEAF : node
}
