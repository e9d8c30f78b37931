/** How images are shown to people. */

/** `docker.io/luksa/kubia:latest` as people type it: `luksa/kubia:latest`. */
export const shownName = (name: string): string => name.replace(/^docker\.io\/(library\/)?/, '')

/** The beginning of an ID, as long as people need it. */
export const shownId = (id: string): string => id.slice('sha256:'.length, 'sha256:'.length + 12)

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** Bytes in the unit that leaves the fewest digits: `512B`, `1.5kB`. */
export function shownSize(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  return `${Number((bytes / 1000 ** power).toPrecision(3))}${UNITS[power]}`
}

const SECOND_MS = 1_000
const STEPS: readonly [seconds: number, unit: string][] = [
  [24 * 3600, 'd'],
  [3600, 'h'],
  [60, 'm'],
]

/** An age as kubectl writes it, in its largest unit: `12s`, `3m`, `5h`, `2d`. */
export function shownAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND_MS))
  const step = STEPS.find(([length]) => seconds >= length)
  return step === undefined ? `${seconds}s` : `${Math.floor(seconds / step[0])}${step[1]}`
}
