/**
 * The order of a merged list: what the patch speaks of comes in the patch's order, the rest stays in the order that
 * the object had, and the two are woven together where the object's order says how.
 */

/** Identifies an element among those of its list. */
export type Identify = (element: unknown) => string

const positions = (elements: readonly unknown[], identify: Identify): ReadonlyMap<string, number> => {
  const found = new Map<string, number>()
  for (const [index, element] of elements.entries()) {
    const id = identify(element)
    if (!found.has(id)) found.set(id, index)
  }
  return found
}

const sortBy = (elements: readonly unknown[], order: ReadonlyMap<string, number>, identify: Identify): unknown[] =>
  elements.toSorted((a, b) => (order.get(identify(a)) ?? 0) - (order.get(identify(b)) ?? 0))

interface Orders {
  /** Elements of the patch, or of its `$setElementOrder`. */
  patch: readonly unknown[]
  /** Elements of the object before the patch. */
  original: readonly unknown[]
  identify: Identify
}

/** Sorts the elements of a merged list. */
export function orderElements(merged: readonly unknown[], { patch, original, identify }: Orders): unknown[] {
  const inPatch = positions(patch, identify)
  const inOriginal = positions(original, identify)
  const isPatched = (element: unknown) => inPatch.has(identify(element))
  const patched = sortBy(merged.filter(isPatched), inPatch, identify)
  const others = sortBy(
    merged.filter((element) => !isPatched(element)),
    inOriginal,
    identify,
  )
  const woven: unknown[] = []
  let next = 0
  for (const element of patched) {
    const position = inOriginal.get(identify(element))
    while (next < others.length && position !== undefined) {
      const other = inOriginal.get(identify(others[next]))
      if (other === undefined || other >= position) break
      woven.push(others[next++])
    }
    woven.push(element)
  }
  return [...woven, ...others.slice(next)]
}
