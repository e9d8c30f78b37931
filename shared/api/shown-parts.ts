/** How many parts of a list one cell of a Table shows. */
const SHOWN_MAX = 3

/** A list in one cell: its first parts, and how many more there are. */
export function shownParts(parts: readonly string[], none: string): string {
  if (parts.length === 0) return none
  const shown = parts.slice(0, SHOWN_MAX).join(',')
  return parts.length > SHOWN_MAX ? `${shown} + ${parts.length - SHOWN_MAX} more...` : shown
}
