/** Which controllers `--controllers` asks for. Pure. */
import { UsageError } from '../shared/flags.ts'

/**
 * The chosen of `names`, in their order. `*` stands for all, `name` adds one, `-name` leaves one out; without `*` only
 * the named ones run. Throws a UsageError for a name that is neither known nor an alias.
 */
export function selectControllers(
  words: readonly string[],
  names: readonly string[],
  aliases: Readonly<Record<string, string>>,
): string[] {
  const known = (name: string): string => {
    const resolved = Object.hasOwn(aliases, name) ? aliases[name]! : name
    if (!names.includes(resolved)) {
      throw new UsageError(`--controllers: ${JSON.stringify(name)} is not one of ${names.join(', ')}`)
    }
    return resolved
  }
  const others = words.filter((word) => word !== '*')
  const without = new Set(others.filter((word) => word.startsWith('-')).map((word) => known(word.slice(1))))
  const named = new Set(others.filter((word) => !word.startsWith('-')).map(known))
  const isAll = words.includes('*')
  return names.filter((name) => named.has(name) || (isAll && !without.has(name)))
}
