/** Takes fields out of a value: what a manager no longer applies. */
import { setMember } from '../patch/json-value.ts'
import { type FieldSet, SELF } from './field-set.ts'
import type { FieldShape, ListShape } from './field-shape.ts'
import { fieldStep } from './field-step.ts'
import { isObject } from './owned-fields.ts'

const isRemoved = (node: FieldSet) => SELF in node || Object.keys(node).length === 0

/** One part of a value without what `node` names; undefined: nothing is left of it. */
function remove(shape: FieldShape, value: unknown, node: FieldSet | undefined): unknown {
  if (node === undefined) return value
  return isRemoved(node) ? undefined : removeFields(shape, value, node)
}

function removeElements(shape: ListShape, list: readonly unknown[], set: FieldSet): unknown[] {
  const left: unknown[] = []
  for (const element of list) {
    const step = shape.stepTo(element)
    const kept = step === undefined ? element : remove(shape.items, element, set[step])
    if (kept !== undefined) left.push(kept)
  }
  return left
}

function removeMembers(shape: FieldShape, value: Readonly<Record<string, unknown>>, set: FieldSet) {
  const left: Record<string, unknown> = {}
  for (const name of Object.keys(value)) {
    const below = shape.type === 'object' ? shape.field(name)?.shape : (shape as { values: FieldShape }).values
    const kept = below === undefined ? value[name] : remove(below, value[name], set[fieldStep(name)])
    if (kept !== undefined) setMember(left, name, kept)
  }
  return left
}

/** A value without the fields of a set. What loses everything that was in it goes as well, but for the value itself. */
export function removeFields(shape: FieldShape, value: unknown, set: FieldSet): unknown {
  if (shape.type === 'leaf') return value
  if (shape.type === 'list') {
    if (!Array.isArray(value)) return value
    const left = removeElements(shape, value, set)
    return left.length === 0 && value.length > 0 ? undefined : left
  }
  if (!isObject(value)) return value
  const left = removeMembers(shape, value, set)
  return Object.keys(left).length === 0 && Object.keys(value).length > 0 ? undefined : left
}

/**
 * The set with the fields that lead to those in it: a field of an object type goes and stays with what is in it, while
 * elements and entries are owned for themselves.
 */
export function withHolders(shape: FieldShape, set: FieldSet): FieldSet {
  const node: Record<string, FieldSet> = {}
  for (const step in set) {
    if (step === SELF) continue
    const field = shape.type === 'object' ? shape.field(step.slice(2)) : undefined
    const below =
      field?.shape ?? (shape.type === 'map' ? shape.values : shape.type === 'list' ? shape.items : undefined)
    const there = set[step]!
    const child = below === undefined || isLeaf(there) ? there : withHolders(below, there)
    node[step] = field !== undefined && !isLeaf(child) ? { ...child, [SELF]: EMPTY } : child
  }
  if (SELF in set) node[SELF] = EMPTY
  return node
}

const EMPTY: FieldSet = Object.freeze({})
const isLeaf = (node: FieldSet) => Object.keys(node).length === 0
