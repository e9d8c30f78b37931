/** Short names for versions of a template, as part of object names and label values. Pure. */

/** Letters and digits that spell no words (upstream's `SafeEncodeString`). */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

function sortedMembers(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** A value as JSON whose members are sorted: the same text for the same value, however it was written. */
export const canonicalJson = (value: unknown): string => JSON.stringify(value, sortedMembers)

/** The 32-bit FNV-1a hash of a text's UTF-8 bytes. */
function fnv1a(text: string): number {
  let hash = FNV_OFFSET
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, FNV_PRIME)
  return hash >>> 0
}

/**
 * The hash of a template, in letters that are safe in names. Two templates may share it: then `collisionCount`, counted
 * up, leads to another one.
 */
export function templateHash(template: unknown, collisionCount?: number): string {
  const text = canonicalJson(template) + (collisionCount === undefined ? '' : `\n${collisionCount}`)
  return [...String(fnv1a(text))].map((digit) => ALPHABET[digit.charCodeAt(0) % ALPHABET.length]).join('')
}
