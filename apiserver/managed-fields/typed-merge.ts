/** Server-side apply's merge: lays a configuration over a value, list by list as the schema says. */
import { setMember } from '../patch/json-value.ts'
import type { Field, FieldShape, ListShape } from './field-shape.ts'
import { isObject } from './owned-fields.ts'

type Members = Readonly<Record<string, unknown>>

function mergeMembers(
  live: Members,
  applied: Members,
  shapeOfMember: (name: string) => FieldShape | undefined,
): Record<string, unknown> {
  const merged: Record<string, unknown> = {}
  for (const name of Object.keys(live)) setMember(merged, name, live[name])
  for (const name of Object.keys(applied)) {
    const value = applied[name]
    if (value === undefined || value === null) continue
    const before = Object.hasOwn(live, name) ? live[name] : undefined
    const shape = shapeOfMember(name)
    setMember(merged, name, shape === undefined ? value : mergeTyped(shape, before, value))
  }
  return merged
}

/**
 * The elements of both lists, each once. Those of the configuration keep its order, the others stay where they are
 * among their neighbours, so that to merge the same configuration again changes nothing.
 */
function mergeLists(shape: ListShape, live: readonly unknown[], applied: readonly unknown[]): unknown[] {
  const step = (element: unknown) => shape.stepTo(element)
  const inLive = new Map(live.map((element) => [step(element), element]))
  const inApplied = new Set(applied.map(step))
  const merged: unknown[] = []
  const taken = new Set<string | undefined>()
  const take = (element: unknown) => {
    taken.add(step(element))
    merged.push(mergeTyped(shape.items, inLive.get(step(element)), element))
  }
  let next = 0
  for (let index = 0; index < live.length; ) {
    const at = step(live[index])
    if (!inApplied.has(at)) merged.push(live[index++])
    else if (next < applied.length && !inLive.has(step(applied[next]))) take(applied[next++])
    else if (taken.has(at)) index++
    else take(applied[next++])
  }
  for (const element of applied.slice(next)) take(element)
  return merged
}

/** The value that a configuration makes of another. Shares with both what it takes over; null is absent. */
export function mergeTyped(shape: FieldShape, live: unknown, applied: unknown): unknown {
  if (shape.type === 'list')
    return Array.isArray(applied) ? mergeLists(shape, Array.isArray(live) ? live : [], applied) : applied
  if (shape.type === 'leaf' || !isObject(applied)) return applied
  const before = isObject(live) ? live : {}
  const shapeOfMember =
    shape.type === 'map' ? () => shape.values : (name: string) => (shape.field(name) as Field | undefined)?.shape
  return mergeMembers(before, applied, shapeOfMember)
}
