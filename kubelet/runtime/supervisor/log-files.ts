/**
 * The files of one run's log. A log that is full is set aside as `PATH.1`, the next one as `PATH.2`, and so on: a file
 * keeps its name as long as it is there, so that who reads the files in order never takes one for another.
 */
import { readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

export interface LogLimits {
  /** A file that would grow beyond this is set aside. Upstream's `containerLogMaxSize`. */
  bytesMax: number
  /** How many files there may be, the one that is written to included. Upstream's `containerLogMaxFiles`. */
  filesMax: number
}

export const DEFAULT_LOG_LIMITS: LogLimits = { bytesMax: 10 * 1024 * 1024, filesMax: 5 }

const NUMBER = /^\.([1-9]\d*)$/

/** The numbers under which files of the log at `path` have been set aside, oldest first. */
export function setAsideNumbers(path: string): number[] {
  const name = basename(path)
  return namesIn(dirname(path))
    .flatMap((found) => (found.startsWith(name) ? (NUMBER.exec(found.slice(name.length))?.[1] ?? []) : []))
    .map(Number)
    .sort((a, b) => a - b)
}

export const setAsidePath = (path: string, number: number): string => `${path}.${number}`

/** Which runs of a container have a log in its directory, `RUN.log` each; oldest first. */
export function loggedRuns(directory: string): number[] {
  return namesIn(directory)
    .flatMap((name) => /^(\d+)\.log$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
}

export const runLogPath = (directory: string, attempt: number): string => join(directory, `${attempt}.log`)

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    // No run has come to write anything, or its pod is gone.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
