/** What a program's error output says about a port that is taken, in words that a user of the cluster understands. */

/** Begins the line in which the preload for Node programs tells of a clash; the rest of the line is the notice. */
const PRELOAD_PREFIX = 'kubeproc: '
/** What C libraries, Go, Python, Java and others call it when they fail. */
const CLASH_WORDS = ['EADDRINUSE', 'ddress already in use']
/** Longest piece of a program's line that is repeated. */
const QUOTED_BYTES_MAX = 300

export interface NoticeFinder {
  /** Takes one line of standard error; returns a notice to show at once. */
  see(line: Buffer): string | undefined
  /** The notice for a program that has ended, if its last words explain its failure. */
  explain(exitCode: number): string | undefined
}

export function noticeFinder(): NoticeFinder {
  let clash: string | undefined
  return {
    see(line) {
      if (line.indexOf(PRELOAD_PREFIX) === 0) return line.subarray(PRELOAD_PREFIX.length).toString()
      if (CLASH_WORDS.some((words) => line.includes(words)))
        clash = line.subarray(0, QUOTED_BYTES_MAX).toString().trim()
      return undefined
    },
    explain: (exitCode) =>
      exitCode === 0 || clash === undefined ? undefined : `ended after an address was already in use: ${clash}`,
  }
}
