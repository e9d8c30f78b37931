/** Sets of completion indexes in the form that a Job's status has: `1,3-5,7`. Pure. */

/** The indexes that a text names, without those that are not below `completions`: a Job may have been made smaller. */
export function parseIndexes(text: string | undefined, completions: number): Set<number> {
  const indexes = new Set<number>()
  if (text === undefined || text === '') return indexes
  for (const interval of text.split(',')) {
    const [first = '', last = first] = interval.split('-')
    const end = Math.min(Number(last), completions - 1)
    for (let index = Number(first); index <= end; index++) indexes.add(index)
  }
  return indexes
}

/** Two neighbours are listed, three and more are a range. */
export function formatIndexes(indexes: Iterable<number>): string {
  const sorted = [...indexes].sort((a, b) => a - b)
  const parts: string[] = []
  for (let start = 0; start < sorted.length; ) {
    let end = start
    while (sorted[end + 1] === sorted[end]! + 1) end++
    if (end - start >= 2) parts.push(`${sorted[start]}-${sorted[end]}`)
    else for (let at = start; at <= end; at++) parts.push(String(sorted[at]))
    start = end + 1
  }
  return parts.join(',')
}
