/** Sets of indexes of a job, written as numbers and ranges: `1,3-5,7`. */

/** Both ends belong to it. */
export type IndexRange = readonly [first: number, last: number]

/** Reads a set of indexes below `completions`. What is wrong is returned as a text, in upstream's words. */
export function parseIndexes(text: string, completions: number): IndexRange[] | string {
  const ranges: IndexRange[] = []
  if (text === '') return ranges
  for (const part of text.split(',')) {
    const range = parseRange(part, completions)
    if (typeof range === 'string') return range
    const previous = ranges.at(-1)?.[1]
    if (previous !== undefined && previous >= range[0]) return notIncreasing(previous, range[0])
    ranges.push(range)
  }
  return ranges
}

const notIncreasing = (previous: number, current: number) =>
  `non-increasing order, previous: ${previous}, current: ${current}`

function parseRange(text: string, completions: number): IndexRange | string {
  const ends = text.split('-')
  if (ends.length > 2)
    return `the fragment ${JSON.stringify(text)} violates the requirement that an index interval can have at most two parts separated by '-'`
  for (const end of ends) {
    if (!/^[+]?\d+$/.test(end)) return `cannot convert string to integer for index: ${JSON.stringify(end)}`
    if (Number(end) >= completions) return `too large index: ${JSON.stringify(end)}`
  }
  const first = Number(ends[0])
  if (ends.length === 1) return [first, first]
  const last = Number(ends[1])
  return first >= last ? notIncreasing(first, last) : [first, last]
}

/** How many indexes there are in a set. */
export const countIndexes = (ranges: readonly IndexRange[]): number =>
  ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0)

/** The first index that is in both sets, if there is one. Both are in ascending order. */
export function commonIndex(left: readonly IndexRange[], right: readonly IndexRange[]): number | undefined {
  let [i, j] = [0, 0]
  while (i < left.length && j < right.length) {
    const [a, b] = [left[i]!, right[j]!]
    if (a[0] <= b[1] && b[0] <= a[1]) return Math.max(a[0], b[0])
    if (a[0] <= b[0]) i++
    else j++
  }
  return undefined
}
