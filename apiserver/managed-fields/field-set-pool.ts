/**
 * Field sets are as large as the objects that they describe, and the same for most objects of one origin: the pods of
 * a controller differ in values, not in fields. So objects that are kept share them.
 */
import type { KubeObject } from '../../shared/api/kind.ts'
import { createLru } from '../../shared/events/lru.ts'

/** Different field sets that are remembered; those unused for longest are forgotten, and shared no more. */
const SETS_MAX = 256

type Fields = Record<string, unknown>

/** A pool of field sets. The function that it returns replaces, in place, those of an object by ones that are equal. */
export function createFieldSetPool(): (object: KubeObject) => void {
  const known = createLru<Fields>(SETS_MAX)
  return ({ metadata: { managedFields = [] } }) => {
    for (const entry of managedFields) {
      if (entry.fieldsV1 === undefined) continue
      const text = JSON.stringify(entry.fieldsV1)
      const shared = known.get(text)
      if (shared === undefined) known.set(text, entry.fieldsV1)
      else entry.fieldsV1 = shared
    }
  }
}
