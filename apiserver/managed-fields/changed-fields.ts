/** Which fields differ between two states of an object. */
import { sameValue } from '../registry/same-value.ts'
import { type FieldSet, type FieldSetBuilder, LEAF } from './field-set.ts'
import type { Field, FieldShape, ListShape, MapShape, ObjectShape } from './field-shape.ts'
import { fieldStep } from './field-step.ts'
import { fieldsOf, isObject } from './owned-fields.ts'

export interface Changes {
  /** Fields that are new or have another value; undefined: none. */
  changed: FieldSet | undefined
  /** Fields that are there no longer; undefined: none. */
  removed: FieldSet | undefined
}

/** The two sets under construction at one place of the object; each node is made when it gets its first field. */
interface Place {
  changed: FieldSetBuilder | undefined
  removed: FieldSetBuilder | undefined
}

const EMPTY_OBJECT = Object.freeze({})
const EMPTY_LIST: readonly unknown[] = Object.freeze([])

function note(place: Place, kind: 'changed' | 'removed', step: string, node: FieldSet): void {
  place[kind] ??= {}
  place[kind][step] = node
}

const isEmpty = (value: unknown) => {
  if (Array.isArray(value)) return value.length === 0
  for (const _ in value as object) return false
  return true
}

/** Compares what is below `step`, where both states have something with parts. */
function descend(place: Place, step: string, compareParts: (below: Place) => void): void {
  const below: Place = { changed: undefined, removed: undefined }
  compareParts(below)
  if (below.changed !== undefined) note(place, 'changed', step, below.changed)
  if (below.removed !== undefined) note(place, 'removed', step, below.removed)
}

const havePartsOf = (shape: FieldShape, before: unknown, after: unknown) =>
  shape.type === 'list' ? Array.isArray(before) && Array.isArray(after) : isObject(before) && isObject(after)

function compareAt(
  place: Place,
  { step, shape }: Pick<Field, 'step' | 'shape'>,
  before: unknown,
  after: unknown,
): void {
  if (before === after) return
  if (before === undefined) note(place, 'changed', step, fieldsOf(shape, after, 'all'))
  else if (after === undefined) note(place, 'removed', step, fieldsOf(shape, before, 'all'))
  else if (shape.type === 'leaf' || !havePartsOf(shape, before, after) || (isEmpty(before) && isEmpty(after))) {
    if (!sameValue(before, after)) note(place, 'changed', step, LEAF)
  } else descend(place, step, (below) => compareParts(below, shape, before, after))
}

/** An absent object or list that Go's types hold by value is an empty one. */
const absent = ({ shape }: Field) => (shape.type === 'list' ? EMPTY_LIST : EMPTY_OBJECT)

const present = (value: unknown) => (value === null ? undefined : value)

function compareField(place: Place, field: Field, before: unknown, after: unknown): void {
  const [old, next] = [present(before), present(after)]
  if (old === next) return
  const fill = field.isHeld && field.shape.type !== 'leaf'
  compareAt(place, field, old ?? (fill ? absent(field) : undefined), next ?? (fill ? absent(field) : undefined))
}

type Members = Readonly<Record<string, unknown>>

function compareObjects(place: Place, shape: ObjectShape, before: Members, after: Members): void {
  for (const name in after) {
    if (before[name] === after[name]) continue
    const field = shape.field(name)
    if (field !== undefined) compareField(place, field, before[name], after[name])
  }
  for (const name in before) {
    if (name in after) continue
    const field = shape.field(name)
    if (field !== undefined) compareField(place, field, before[name], undefined)
  }
}

const own = (map: Members, name: string) => (Object.hasOwn(map, name) ? map[name] : undefined)

function compareMaps(place: Place, { values }: MapShape, before: Members, after: Members): void {
  for (const name of Object.keys(after))
    if (before[name] !== after[name])
      compareAt(place, { step: fieldStep(name), shape: values }, own(before, name), after[name])
  for (const name of Object.keys(before))
    if (!Object.hasOwn(after, name)) compareAt(place, { step: fieldStep(name), shape: values }, before[name], undefined)
}

/** The elements of a list by the step to them; those that are there several times are kept together. */
function byStep(shape: ListShape, list: readonly unknown[]): Map<string, readonly unknown[]> {
  const elements = new Map<string, readonly unknown[]>()
  for (const element of list) {
    const step = shape.stepTo(element)
    if (step === undefined) continue
    const others = elements.get(step)
    elements.set(step, others === undefined ? [element] : [...others, element])
  }
  return elements
}

function compareElements(
  place: Place,
  field: Pick<Field, 'step' | 'shape'>,
  before: readonly unknown[],
  after: readonly unknown[],
): void {
  if (before.length <= 1 && after.length <= 1) compareAt(place, field, before[0], after[0])
  else if (!sameValue(before, after)) note(place, 'changed', field.step, LEAF)
}

function compareLists(place: Place, shape: ListShape, before: readonly unknown[], after: readonly unknown[]): void {
  const [old, next] = [byStep(shape, before), byStep(shape, after)]
  for (const [step, elements] of next)
    compareElements(place, { step, shape: shape.items }, old.get(step) ?? EMPTY_LIST, elements)
  for (const [step, elements] of old)
    if (!next.has(step)) compareElements(place, { step, shape: shape.items }, elements, EMPTY_LIST)
}

function compareParts(place: Place, shape: FieldShape, before: unknown, after: unknown): void {
  if (shape.type === 'object') compareObjects(place, shape, before as Members, after as Members)
  else if (shape.type === 'map') compareMaps(place, shape, before as Members, after as Members)
  else if (shape.type === 'list') compareLists(place, shape, before as unknown[], after as unknown[])
}

/** Compares two states of an object. Both empty: nothing that can be owned has changed. */
export function compareObjectsOf(shape: ObjectShape, before: object, after: object): Changes {
  const place: Place = { changed: undefined, removed: undefined }
  compareObjects(place, shape, before as Members, after as Members)
  return place
}
