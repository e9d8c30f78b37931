/** Plain JSON values, as patches work on them. No function here changes what it is given, but for `setMember`. */

export type JsonObject = Record<string, unknown>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether a value is a list or an object, which have parts. */
export const isComposite = (value: unknown): value is object => typeof value === 'object' && value !== null

/** The member of an object, which may have any name, also one that all objects inherit. */
export const memberOf = (object: JsonObject, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined

/** Sets a member of the caller's own object. A member named `__proto__` is a member like others. */
export function setMember(object: JsonObject, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
  } else {
    object[name] = value
  }
}

/** Whether two JSON values say the same: the order of members does not count. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (!isComposite(a) || !isComposite(b)) return a === b
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false
    return a.every((element, index) => sameJson(element, b[index]))
  }
  const [left, right] = [a as JsonObject, b as JsonObject]
  const names = Object.keys(left)
  if (names.length !== Object.keys(right).length) return false
  return names.every((name) => Object.hasOwn(right, name) && sameJson(left[name], right[name]))
}

/** What the quotes, commas and colons around a value count for. */
const VALUE_SIZE = 4

/** What a copy may still take: `size` counts the characters of strings and names, and some for each value. */
export interface CopyBudget {
  size: number
}

/** A copy exceeded its budget or its depth. */
export class CopyLimitError extends Error {
  override readonly name = 'CopyLimitError'
}

/** A copy that shares nothing with the value. Takes its size from the budget; throws a CopyLimitError. */
export function copyJson(value: unknown, depthMax: number, budget: CopyBudget): unknown {
  budget.size -= typeof value === 'string' ? value.length + VALUE_SIZE : VALUE_SIZE
  if (budget.size < 0 || depthMax < 0) throw new CopyLimitError('a copy is too large or too deep')
  if (!isComposite(value)) return value
  if (Array.isArray(value)) return value.map((element) => copyJson(element, depthMax - 1, budget))
  const copy: JsonObject = {}
  for (const [name, member] of Object.entries(value)) {
    budget.size -= name.length
    setMember(copy, name, copyJson(member, depthMax - 1, budget))
  }
  return copy
}
