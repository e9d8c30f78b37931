/** Counts by name, in which what comes to nothing is forgotten. */
export type Tally = Map<string, number>

/** Adds to a count, in place. An undefined name is not counted. */
export function count(tally: Tally, name: string | undefined, change: number): void {
  if (name === undefined) return
  const sum = (tally.get(name) ?? 0) + change
  if (sum === 0) tally.delete(name)
  else tally.set(name, sum)
}
