import { rm } from 'node:fs/promises'
import {
  type LogLimits,
  loggedRuns,
  runLogPath,
  setAsideNumbers,
  setAsidePath,
} from '../runtime/supervisor/log-files.ts'

/** What of the containers' logs is kept. */
export interface LogSettings extends LogLimits {
  /** How many runs of a container have their logs kept, the newest included: at least 2, for `logs --previous`. */
  instancesMax: number
}

/** Removes the logs of a container's older runs from the directory of its logs. */
export async function removeOldLogs(directory: string, instancesMax: number): Promise<void> {
  for (const attempt of loggedRuns(directory).slice(0, -instancesMax)) {
    const path = runLogPath(directory, attempt)
    const files = [path, ...setAsideNumbers(path).map((number) => setAsidePath(path, number))]
    await Promise.all(files.map((file) => rm(file, { force: true })))
  }
}
