/** JSON merge patch (RFC 7386): members replace members, null removes them, lists are replaced whole. */
import { isObject, type JsonObject, memberOf, setMember } from './json-value.ts'
import { wrongDocument } from './patch-errors.ts'

/** The value that `patch` makes of `current`; shares with both what it takes over from them. */
function merge(current: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const merged: JsonObject = isObject(current) ? { ...current } : {}
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name]
    else setMember(merged, name, merge(memberOf(merged, name), value))
  }
  return merged
}

/** Reads a merge patch; returns the function that applies it. Throws BadRequest for what is not an object. */
export function readMergePatch(document: unknown): (current: unknown) => unknown {
  if (!isObject(document)) throw wrongDocument(document, 'map[string]interface {}')
  return (current) => merge(current, document)
}
